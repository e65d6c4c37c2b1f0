"""Payloads are checked with short messages that name the place and keep the payload to themselves."""

import copy
import subprocess
import sys
from typing import Any

import pytest

from lambdascope_proxy.validation import SchemaUnusable, compile_schema, validate

ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["items"],
    "additionalProperties": False,
    "patternProperties": {"^x_": {}},
    "properties": {
        "items": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {
                    "sku": {"type": "string", "pattern": "^\\d+$"},
                    "count": {"type": "integer", "minimum": 1},
                },
            },
        },
        "note": {"type": ["string", "null"], "maxLength": 3},
        "password": {"type": "string", "minLength": 12},
        "code": {"type": "string", "format": "password", "maxLength": 1},
    },
}


def test_a_valid_payload_has_no_messages() -> None:
    assert validate(ORDER, {"items": [{"sku": "7"}], "note": None, "x_y": 1}) == []


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"items": [{"count": 1}]}, "items[0].sku: 'sku' is a required property"),
        ({}, "items: 'items' is a required property"),
        (7, "payload: 7 is not of type 'object'"),
        ({"items": [{"sku": 7}]}, "items[0].sku: 7 is not of type 'string'"),
        ({"items": [{"sku": "x"}]}, "items[0].sku: 'x' does not match '^\\d+$'"),
        ({"items": [{"sku": "1", "count": 0}]}, "items[0].count: 0 is less than 1"),
        ({"items": []}, "items: has fewer items than 1"),
        ({"items": [{"sku": "1"}, {"sku": "1"}]}, "items: has the same item twice"),
        ({"items": [{"sku": "1"}], "note": []}, 'note: an array is not of type ["string", "null"]'),
        ({"items": [{"sku": "1"}], "note": "long"}, "note: 'long' is longer than 3"),
        ({"items": [{"sku": "1"}], "x_y": 1, "extra": 1}, "payload: 'extra': no such property in the schema"),
        (
            {"items": [{"sku": "1"}], **dict.fromkeys("abcd")},
            "payload: 'a', 'b', 'c', ...: no such property in the schema",
        ),
    ],
)
def test_a_message_says_where_and_what(payload: object, message: str) -> None:
    assert validate(ORDER, payload) == [message]


OTHER_KEYWORDS: list[tuple[Any, Any, str]] = [
    ({"enum": ["a", 1]}, "b", "payload: 'b' is not one of [\"a\", 1]"),
    ({"const": True}, None, "payload: null is not true"),
    ({"not": {}}, 1, "payload: 1 is not allowed here"),
    ({"prefixItems": [{}], "items": False}, [1, 2], "payload: an array is not allowed here"),
    ({"oneOf": [{}, {}]}, 1, "payload: 1 fits none of the alternatives, or more than one"),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "payload: 1 fits none of the alternatives"),
    ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "payload: 'b' is a dependency of 'a'"),
    ({"required": ["it's"]}, {}, "it's: \"it's\" is a required property"),
]


@pytest.mark.parametrize(("schema", "payload", "message"), OTHER_KEYWORDS)
def test_other_keywords_have_messages_too(schema: Any, payload: object, message: str) -> None:
    assert validate(schema, payload) == [message]


def test_of_alternatives_the_message_is_about_the_one_that_was_meant() -> None:
    schema = {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"type": "integer"}}}]}
    assert validate(schema, {"a": "x"}) == ["a: 'x' is not of type 'integer'"]


def test_long_values_are_trimmed() -> None:
    text = "y" * 5000
    [message] = validate({"type": "integer"}, text)
    assert message == f"payload: '{'y' * 38}… is not of type 'integer'"
    [message] = validate({"additionalProperties": False}, dict.fromkeys([text, "b", "c", "d"]))
    assert len(message) < 120
    [message] = validate({"additionalProperties": {"type": "string"}}, {text: 1})
    assert len(message) < 120
    [message] = validate({"enum": [f"value {number}" for number in range(500)]}, 1)
    assert len(message) < 200


@pytest.mark.parametrize("keyword", ["items", "properties", "type", "not", "contains", "uniqueItems", "propertyNames"])
def test_no_message_quotes_what_lies_inside_an_object_or_array(keyword: str) -> None:
    secret = "s3cr3t"
    schemas: dict[str, Any] = {
        "items": ({"prefixItems": [], "items": False}, [secret]),
        "properties": ({"maxProperties": 0}, {"a": secret}),
        "type": ({"type": "string"}, {"a": [secret]}),
        "not": ({"not": {"type": "array"}}, [secret]),
        "contains": ({"contains": {"type": "integer"}}, [secret]),
        "uniqueItems": ({"uniqueItems": True}, [secret, secret]),
        "propertyNames": ({"minProperties": 2}, {"a": secret}),
    }
    schema, payload = schemas[keyword]
    schema.pop("prefixItems", None)
    [message] = validate(schema, payload)
    assert secret not in message


@pytest.mark.parametrize("name", ["password", "code"])
def test_the_value_of_a_secret_field_is_not_quoted(name: str) -> None:
    [message] = validate(ORDER, {"items": [{"sku": "1"}], name: "hunter2"})
    assert "hunter2" not in message
    assert message.startswith(f"{name}: the value is ")


def test_at_most_ten_messages_are_given() -> None:
    schema = {"items": {"type": "string"}}
    messages = validate(schema, list(range(1000)))
    assert messages == [f"[{index}]: {index} is not of type 'string'" for index in range(10)]


def test_formats_refuse_nothing() -> None:
    assert validate({"type": "string", "format": "date"}, "tomorrow") == []


def test_a_schema_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import jsonschema

    schema = {"type": "object", "title": "compiled once"}
    assert validate(schema, {}) == []
    monkeypatch.setattr(jsonschema, "Draft202012Validator", None)
    assert validate(copy.deepcopy(schema), []) == ["payload: an array is not of type 'object'"]


def test_importing_it_does_not_import_jsonschema() -> None:
    """Start-up is paid by every client; the library is needed only when there is something to check."""
    program = "import sys, lambdascope_proxy.examples as _; sys.exit('jsonschema' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize("schema", [{"type": "strin"}, {"pattern": "["}, {"properties": []}, {"minimum": "1"}])
def test_an_invalid_schema_is_refused_with_its_place(schema: dict[str, Any]) -> None:
    [keyword] = schema
    with pytest.raises(SchemaUnusable, match=f"not valid at root.{keyword}"):
        compile_schema(schema)


def test_a_reference_to_elsewhere_is_neither_fetched_nor_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its default registry jsonschema would open the address: a way into the network of the proxy."""
    opened: list[object] = []
    monkeypatch.setattr("urllib.request.urlopen", opened.append)
    check = compile_schema({"$ref": "http://192.0.2.1/schema.json"})
    with pytest.raises(SchemaUnusable, match=r"refers to something that it does not contain"):
        check({})
    assert opened == []


def test_endless_references_and_bottomless_payloads_are_answered() -> None:
    assert len(validate({"$ref": "#"}, {})) == 1
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert len(validate({"items": {"$ref": "#"}}, deep)) == 1

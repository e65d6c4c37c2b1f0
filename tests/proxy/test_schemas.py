"""Registry documents become JSON Schema 2020-12 that means the same, or are refused with a reason to act on."""

import itertools
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator

from lambdascope_proxy.schemas import DIALECT, SchemaArn, SchemaUnusable, parse_schema_arn, to_json_schema


def draft4(document: Any) -> dict[str, Any]:
    return to_json_schema(json.dumps(document), "JSONSchemaDraft4")


def openapi(schemas: dict[str, Any], **document: Any) -> dict[str, Any]:
    return to_json_schema(
        json.dumps({"openapi": "3.0.0", "info": {}, "paths": {}, "components": {"schemas": schemas}, **document}),
        "OpenApi3",
    )


# --- the ARN ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arn", "parts"),
    [
        (
            "arn:aws:schemas:eu-west-1:210987654321:schema/shop/shop@Order",
            ("eu-west-1", "210987654321", "shop", "shop@Order"),
        ),
        (
            "arn:aws:schemas:us-east-1::schema/aws.events/aws.s3@ObjectCreated",
            ("us-east-1", None, "aws.events", "aws.s3@ObjectCreated"),
        ),
        (
            " arn:aws-cn:schemas:cn-north-1:210987654321:schema/r/n-1_x.y ",
            ("cn-north-1", "210987654321", "r", "n-1_x.y"),
        ),
    ],
)
def test_an_arn_is_taken_apart(arn: str, parts: tuple[str, str | None, str, str]) -> None:
    region, account_id, registry, name = parts
    assert parse_schema_arn(arn) == SchemaArn(region=region, account_id=account_id, registry=registry, name=name)


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "shop/Order",
        "arn:aws:schemas:eu-west-1:210987654321:registry/shop",
        "arn:aws:schemas:eu-west-1:210987654321:schema/shop",
        "arn:aws:schemas:eu-west-1:21098:schema/shop/Order",
        "arn:aws:schemas:eu-west-1:210987654321:schema/shop/Order/2",
        "arn:aws:schemas:eu-west-1:210987654321:schema/shop/Order\nx",
        "arn:aws:lambda:eu-west-1:210987654321:function:schema/shop/Order",
    ],
)
def test_another_arn_is_refused_and_the_form_is_shown(arn: str) -> None:
    with pytest.raises(SchemaUnusable, match=r"write arn:aws:schemas:<region>:<account>:schema/<registry>/<name>"):
        parse_schema_arn(arn)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        ("openapi: 3.0.0", "OpenApi3", "not JSON"),
        ("", "JSONSchemaDraft4", "not JSON"),
        ('{"minimum": NaN}', "JSONSchemaDraft4", "NaN is no JSON number"),
        ("[]", "JSONSchemaDraft4", "not an object"),
        ("{}", "Avro", "type 'Avro' are not supported"),
        ("{}", "OpenApi3", "nothing under components.schemas"),
        ('{"openapi": "3.1.0"}', "OpenApi3", "not OpenAPI 3.0"),
        ('{"swagger": "2.0"}', "OpenApi3", "not OpenAPI 3.0"),
        ('{"components": []}', "OpenApi3", "components should be an object"),
        ('{"type": "object", "required": "name"}', "JSONSchemaDraft4", "not valid at root.required"),
        ('{"pattern": "[z-a]"}', "JSONSchemaDraft4", "not valid at root.pattern"),
        ('{"properties": {"a": 3}}', "JSONSchemaDraft4", "should be an object, but is 3"),
        ('{"allOf": {}}', "JSONSchemaDraft4", "allOf is not a list"),
        ('{"$ref": "#/definitions/Gone"}', "JSONSchemaDraft4", "#/definitions/Gone, which it does not contain"),
        ('{"$ref": "#"}', "JSONSchemaDraft4", "refers to nothing but itself"),
        ('{"items": {"$ref": "http://example.com/x.json"}}', "JSONSchemaDraft4", "inline what it refers to"),
        ('{"items": {"$ref": "other.json#/definitions/A"}}', "JSONSchemaDraft4", "inline what it refers to"),
        ('{"items": {"$ref": "#anchor"}}', "JSONSchemaDraft4", "inline what it refers to"),
        ('{"items": {"$ref": {}}}', "JSONSchemaDraft4", "inline what it refers to"),
        ('{"items": {"id": "http://example.com/x/", "items": {"$ref": "#"}}}', "JSONSchemaDraft4", "remove the id"),
        ('{"components": {"schemas": {"A": {"items": {"$ref": "#/info"}}}}, "info": {}}', "OpenApi3", "not the place"),
        ('{"not": ' * 3000 + "{}" + "}" * 3000, "JSONSchemaDraft4", "nests too deeply|maximum recursion"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(content: str, kind: str, reason: str) -> None:
    with pytest.raises(SchemaUnusable, match=reason):
        to_json_schema(content, kind)


# --- which schema of an OpenAPI document ------------------------------------------------------------------------------

EVENT = {
    "AWSEvent": {
        "type": "object",
        "required": ["detail", "detail-type"],
        "x-amazon-events-detail-type": "OrderPlaced",
        "x-amazon-events-source": "shop.orders",
        "properties": {
            "detail": {"$ref": "#/components/schemas/OrderPlaced"},
            "detail-type": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
        },
    },
    "OrderPlaced": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
}


def test_the_envelope_of_a_discovered_event_is_the_input() -> None:
    assert openapi({**EVENT, "Unused": {"type": "string"}}) == {
        "$schema": DIALECT,
        "type": "object",
        "required": ["detail", "detail-type"],
        "properties": {
            "detail": {"$ref": "#/$defs/OrderPlaced"},
            "detail-type": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
        },
        "$defs": {"OrderPlaced": EVENT["OrderPlaced"]},
    }


def body(ref: str, media_type: str = "application/json") -> dict[str, Any]:
    return {"requestBody": {"content": {media_type: {"schema": {"$ref": f"#/components/schemas/{ref}"}}}}}


NAMED = {name: {"type": "object", "title": name} for name in ("First", "Second")}


@pytest.mark.parametrize(
    "paths",
    [
        {"/first": {"post": body("First")}},
        {"/first": {"post": body("First"), "get": {"responses": {}}}},
        {"/first": {"put": body("First", "application/vnd.shop+json; charset=utf-8")}},
        {"/first": {"post": {"requestBody": {"$ref": "#/components/requestBodies/First"}}}},
        {"/first": {"post": {"requestBody": {"content": {"text/csv": {}, "*/*": {"schema": NAMED["First"]}}}}}},
    ],
)
def test_the_only_request_body_is_the_input(paths: dict[str, Any]) -> None:
    components = {"schemas": NAMED, "requestBodies": {"First": body("First")["requestBody"]}}
    assert openapi({}, paths=paths, components=components) == {"$schema": DIALECT, "type": "object", "title": "First"}


def test_of_several_request_bodies_none_is_guessed() -> None:
    with pytest.raises(SchemaUnusable, match=r"POST /first, PUT /second"):
        openapi(NAMED, paths={"/first": {"post": body("First")}, "/second": {"put": body("Second")}})


def test_a_request_body_that_is_not_json_is_refused() -> None:
    with pytest.raises(SchemaUnusable, match=r"application/json"):
        openapi(NAMED, paths={"/first": {"post": body("First", "text/csv")}})


def test_else_the_schema_that_no_other_refers_to_is_the_input() -> None:
    root = {"type": "object", "properties": {"first": {"items": {"$ref": "#/components/schemas/First"}}}}
    again = {"properties": {"more": {"$ref": "#/components/schemas/Root"}}}
    schema = openapi({"First": {"title": "First"}, "Root": {**root, "allOf": [again]}})
    assert schema["properties"] == {"first": {"items": {"$ref": "#/$defs/First"}}}
    assert schema["allOf"] == [{"properties": {"more": {"$ref": "#"}}}]


def test_a_part_of_a_schema_that_is_referred_to_makes_the_schema_no_candidate() -> None:
    inner = {"type": "object", "properties": {"id": {"type": "integer"}}}
    schema = openapi(
        {"Inner": inner, "Root": {"properties": {"id": {"$ref": "#/components/schemas/Inner/properties/id"}}}}
    )
    assert schema["properties"] == {"id": {"$ref": "#/$defs/id"}}
    assert schema["$defs"] == {"id": {"type": "integer"}}


def test_of_several_schemas_none_is_guessed_and_the_candidates_are_listed() -> None:
    with pytest.raises(SchemaUnusable, match=r"First, Second\. Leave one"):
        openapi(NAMED)
    circle = {name: {"items": {"$ref": f"#/components/schemas/{other}"}} for name, other in (("A", "B"), ("B", "A"))}
    with pytest.raises(SchemaUnusable, match=r"A, B\. Leave one"):
        openapi(circle)


# --- conversion, keyword by keyword -----------------------------------------------------------------------------------


OPENAPI_KEYWORDS: list[tuple[Any, Any]] = [
    ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ({"type": "string", "nullable": False}, {"type": "string"}),
    ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
    ({"type": "string", "nullable": True, "enum": [None]}, {"type": ["string", "null"], "enum": [None]}),
    ({"$ref": "#/components/schemas/X", "nullable": True}, {"anyOf": [{"$ref": "#/$defs/X"}, {"type": "null"}]}),
    ({"nullable": True, "allOf": [{"title": "x"}]}, {"anyOf": [{"allOf": [{"title": "x"}]}, {"type": "null"}]}),
    ({"type": "string", "nullable": True, "not": {}}, {"anyOf": [{"type": "string", "not": {}}, {"type": "null"}]}),
    ({"example": {"$ref": "data"}}, {"examples": [{"$ref": "data"}]}),
    ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
    ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
    ({"minimum": 1, "exclusiveMinimum": 2}, {"minimum": 1, "exclusiveMinimum": 2}),
    ({"exclusiveMaximum": True}, {}),
    (
        {"readOnly": True, "writeOnly": False, "deprecated": True},
        {"readOnly": True, "writeOnly": False, "deprecated": True},
    ),
    ({"discriminator": {"propertyName": "k"}, "x-order": 1, "xml": {}, "externalDocs": {}}, {}),
    (
        {"$ref": "#/components/schemas/X", "description": "d", "maxLength": 3},
        {"$ref": "#/$defs/X", "description": "d"},
    ),
    (
        {"additionalProperties": {"not": {"nullable": True}}},
        {"additionalProperties": {"not": {"anyOf": [{}, {"type": "null"}]}}},
    ),
    (
        {"properties": {"$ref": {"type": "string"}, "nullable": {}}},
        {"properties": {"$ref": {"type": "string"}, "nullable": {}}},
    ),
    ({"dependencies": {"a": ["b"]}}, {}),
]


@pytest.mark.parametrize(("original", "converted"), OPENAPI_KEYWORDS)
def test_each_keyword_of_openapi_is_converted(original: Any, converted: Any) -> None:
    schema = openapi(
        {"Root": {"properties": {"it": original, "x": {"$ref": "#/components/schemas/X"}}}, "X": {"type": "string"}}
    )
    assert schema["properties"]["it"] == converted


DRAFT_4_KEYWORDS: list[tuple[Any, Any]] = [
    (
        {"items": [{"type": "string"}], "additionalItems": False},
        {"prefixItems": [{"type": "string"}], "items": False},
    ),
    ({"items": [{}], "additionalItems": {"minimum": 1}}, {"prefixItems": [{}], "items": {"minimum": 1}}),
    ({"items": [], "additionalItems": False}, {"items": False}),
    ({"items": {"type": "string"}, "additionalItems": False}, {"items": {"type": "string"}}),
    ({"additionalItems": False}, {}),
    (
        {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}},
        {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}},
    ),
    ({"const": 1, "if": {}, "contains": {}, "nullable": True, "$defs": {"A": 3}}, {}),
    ({"examples": ["a"]}, {"examples": ["a"]}),
    ({"examples": {"a": {"value": 1}}}, {}),
    ({"id": "#here", "type": "string"}, {"type": "string"}),
    (
        {"id": "/properties/it", "properties": {"id": {"type": "string"}}},
        {"properties": {"id": {"type": "string"}}},
    ),
]


@pytest.mark.parametrize(("original", "converted"), DRAFT_4_KEYWORDS)
def test_each_keyword_of_draft_4_is_converted(original: Any, converted: Any) -> None:
    assert draft4({"properties": {"it": original}}) == {"$schema": DIALECT, "properties": {"it": converted}}


def test_id_and_definitions_get_their_new_names_and_the_dialect_is_replaced() -> None:
    document = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "id": "http://example.com/order.json#",
        "properties": {
            "a": {"$ref": "#/definitions/A%20b~1c"},
            "b": {"$ref": "http://example.com/order.json#/definitions/A%20b~1c"},
            "c": {"$ref": "#/definitions/list/items/0"},
            "d": {"$ref": "#/custom/0"},
            "e": {"$ref": "#"},
        },
        "definitions": {"A b/c": {"type": "string"}, "list": {"items": [{"type": "null"}]}, "unused": {}},
        "custom": [{"type": "integer"}],
    }
    assert draft4(document) == {
        "$schema": DIALECT,
        "$id": "http://example.com/order.json",
        "properties": {
            "a": {"$ref": "#/$defs/A_b_c"},
            "b": {"$ref": "#/$defs/A_b_c"},
            "c": {"$ref": "#/$defs/0"},
            "d": {"$ref": "#/$defs/0_2"},
            "e": {"$ref": "#"},
        },
        "$defs": {"A_b_c": {"type": "string"}, "0": {"type": "null"}, "0_2": {"type": "integer"}},
    }


def test_a_root_that_only_refers_becomes_what_it_refers_to() -> None:
    """Code generators write such roots; a tool's input schema must say by itself that it is an object."""
    document = {
        "$ref": "#/definitions/Tree",
        "definitions": {"Tree": {"type": "object", "properties": {"left": {"$ref": "#/definitions/Tree"}}}},
    }
    assert draft4(document) == {"$schema": DIALECT, "type": "object", "properties": {"left": {"$ref": "#"}}}


def test_schemas_that_refer_to_each_other_survive() -> None:
    person = {"type": "object", "properties": {"pets": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}}}
    pet = {"type": "object", "properties": {"owner": {"$ref": "#/definitions/Person"}}}
    document = {"properties": {"who": {"$ref": "#/definitions/Person"}}, "definitions": {"Person": person, "Pet": pet}}
    validator: Any = Draft202012Validator(draft4(document))
    assert validator.is_valid({"who": {"pets": [{"owner": {"pets": []}}]}})
    assert not validator.is_valid({"who": {"pets": [{"owner": {"pets": [3]}}]}})


# --- the meaning stays ------------------------------------------------------------------------------------------------

names = st.sampled_from(["a", "b", "c"])
small = st.integers(0, 2)
flags = st.booleans()
references = st.sampled_from(["leaf", "branch", "branch/properties/a"]).map("#/definitions/{}".format)
types = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
# All small payloads, so that every schema meets those that it is about. No 1.0: an integer from draft 6 on, not before.
SCALARS: list[Any] = [None, True, False, -1, 0, 1, 2, 0.5, 1.5, "", "a", "ab"]
ARRAYS: list[Any] = [list(items) for length in range(4) for items in itertools.product([0, "a"], repeat=length)]
OBJECTS: list[Any] = [
    {name: value for name, value in zip("abc", chosen, strict=True) if value != "absent"}
    for chosen in itertools.product(["absent", 1, "a"], repeat=3)
]
NESTED: list[Any] = [[[0]], [{"a": 1}], {"a": {"b": 1}}, {"a": {"b": {"a": {}}}}, {"b": [1]}, {"c": {"a": 1}}]
PAYLOADS = [*SCALARS, *ARRAYS, *OBJECTS, *NESTED]


def groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give keywords that belong together, for one thing that the two drafts write differently, or alike."""

    def some(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries(required, optional=optional)

    few = st.lists(inner, min_size=1, max_size=2)
    asked = st.lists(names, min_size=1, max_size=2, unique=True)
    return st.one_of(
        some({"minimum": small}, {"exclusiveMinimum": flags}),
        some({"maximum": small}, {"exclusiveMaximum": flags}),
        some({"multipleOf": st.sampled_from([1, 2, 0.5])}, {"type": types}),
        some({}, {"minLength": small, "maxLength": small, "pattern": st.sampled_from(["^a", "b$"])}),
        some({"items": few}, {}),
        some({"items": few, "additionalItems": flags | inner}, {}),
        some({"items": st.just([{"title": "any"}]), "additionalItems": flags | inner}, {}),
        some({"items": inner}, {"additionalItems": flags}),
        some({}, {"minItems": small, "maxItems": small, "uniqueItems": flags, "additionalItems": flags}),
        some({"properties": st.dictionaries(names, inner, max_size=2)}, {"additionalProperties": flags | inner}),
        some({"patternProperties": st.dictionaries(st.sampled_from(["^a", "c"]), inner)}, {"required": asked}),
        some({"dependencies": st.dictionaries(names, asked | inner, min_size=1, max_size=2)}, {}),
        some({}, {"minProperties": small, "maxProperties": small}),
        some({"enum": st.lists(st.sampled_from(PAYLOADS), min_size=1, max_size=3, unique_by=repr)}, {}),
        st.sampled_from(["allOf", "anyOf", "oneOf"]).flatmap(lambda keyword: some({keyword: few}, {})),
        some({"not": inner}, {}),
        some({"$ref": references}, {}),
        some({"$ref": references, "type": types}, {}),
    )


# Keywords of later drafts, and of OpenAPI: they mean nothing in draft 4.
LATER: dict[str, Any] = {
    "const": 7,
    "if": {},
    "then": False,
    "contains": False,
    "propertyNames": False,
    "prefixItems": [False],
    "dependentRequired": {"a": ["z"]},
    "nullable": True,
}
NOTHING: dict[str, Any] = {}
later = st.sampled_from([NOTHING, *({keyword: value} for keyword, value in LATER.items())])


def joined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(groups(inner), groups(inner) | st.just(NOTHING), later).map(
        lambda parts: parts[0] | parts[1] | parts[2]
    )


kinds: st.SearchStrategy[Any] = types.map(lambda kind: {"type": kind})
schemas = joined(kinds | joined(kinds))
leaves = kinds | st.fixed_dictionaries({"minimum": small, "exclusiveMinimum": flags})


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    back = draw(st.sampled_from([{"$ref": "#"}, {"$ref": "#/definitions/leaf"}, {"items": {"$ref": "#"}}]))
    branch = {"properties": {"a": {"properties": {"b": back}}, "b": draw(leaves)}, "items": back}
    return {**draw(schemas), "definitions": {"leaf": draw(leaves), "branch": branch}}


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents())
def test_a_converted_draft_4_schema_accepts_and_refuses_the_same(document: dict[str, Any]) -> None:
    Draft4Validator.check_schema(document)
    before: Any = Draft4Validator(document)
    after: Any = Draft202012Validator(draft4(document))
    accepted = [payload for payload in PAYLOADS if before.is_valid(payload)]
    assert [payload for payload in PAYLOADS if after.is_valid(payload)] == accepted


words = st.sampled_from(
    [
        "$ref",
        "items",
        "id",
        "components",
        "schemas",
        "paths",
        "/a",
        "post",
        "requestBody",
        "content",
        "application/json",
    ]
)
rubbish = st.recursive(
    st.sampled_from([*SCALARS, [], [0], "#", "#/components/schemas/a", "#/items"]),
    lambda inner: st.dictionaries(
        words | names | st.sampled_from(["allOf", "properties", "enum", "dependencies"]), inner
    ),
)


@settings(max_examples=60)
@given(rubbish, st.sampled_from(["OpenApi3", "JSONSchemaDraft4"]))
def test_whatever_the_document_holds_it_is_converted_or_refused(document: Any, kind: str) -> None:
    with suppress(SchemaUnusable):
        Draft202012Validator.check_schema(to_json_schema(json.dumps(document), kind))

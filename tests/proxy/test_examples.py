"""Examples validate, are always the same, and are not given rather than wrong."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lambdascope_proxy.examples import examples_of
from lambdascope_proxy.schemas import to_json_schema

KEYWORDS: list[tuple[Any, Any]] = [
    ({"type": "string"}, "example"),
    ({"type": "string", "minLength": 10}, "xxxexample"),
    ({"type": "string", "maxLength": 3}, "ple"),
    ({"type": "string", "pattern": "^ORD-\\d{4}$"}, "ORD-0000"),
    ({"type": "string", "pattern": "^[a-z]+$", "minLength": 5, "maxLength": 6}, "aaaaa"),
    ({"type": "string", "format": "date-time"}, "2026-01-01T09:30:00Z"),
    ({"type": "string", "format": "date"}, "2026-01-01"),
    ({"type": "string", "format": "email"}, "user1@example.com"),
    ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000001"),
    ({"type": "string", "format": "uri"}, "https://example.com/1"),
    ({"type": "string", "format": "ipv4"}, "192.0.2.1"),
    ({"type": "string", "format": "nobody knows"}, "example"),
    ({"type": "integer"}, 1),
    ({"type": "integer", "minimum": 5, "multipleOf": 4}, 8),
    ({"type": "integer", "exclusiveMinimum": 5, "maximum": 6}, 6),
    ({"type": "integer", "maximum": -3}, -3),
    ({"type": "integer", "exclusiveMaximum": 1}, 0),
    ({"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2}, 0.15),
    ({"type": "number", "minimum": 0.25, "maximum": 0.3}, 0.25),
    ({"type": "number", "multipleOf": 0.5, "minimum": 1.1}, 1.5),
    ({"type": "boolean"}, True),
    ({"type": "null"}, None),
    ({"type": ["null", "integer"]}, 1),
    ({"enum": ["b", "a"]}, "b"),
    ({"const": {"a": 1}}, {"a": 1}),
    ({"type": "string", "default": "d", "examples": ["e"]}, "e"),
    ({"type": "string", "default": "d", "examples": [3]}, "d"),
    ({"type": "array", "items": {"type": "integer"}}, [1]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True}, [1, 2, 3]),
    ({"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": True}, ["a", "b"]),
    ({"type": "array", "maxItems": 0}, []),
    ({"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False}, [1, "example"]),
    ({}, {}),
    ({"properties": {"a": {}}}, {"a": "example"}),
    ({"properties": {"a": {"type": "string", "readOnly": True}, "b": {"const": 1}}}, {"b": 1}),
    ({"required": ["a"], "additionalProperties": {"type": "integer"}}, {"a": 1}),
    ({"required": ["a_id"], "patternProperties": {"_id$": {"const": 7}}}, {"a_id": 7}),
    ({"minProperties": 2, "additionalProperties": {"const": 1}}, {"property1": 1, "property2": 1}),
    ({"properties": {"a": {"const": 1}, "b": {}}, "maxProperties": 1}, {"a": 1}),
    ({"properties": {"a": {"const": 1}}, "dependentRequired": {"a": ["b"]}}, {"a": 1, "b": "example"}),
    (
        {"properties": {"a": {"const": 1}}, "dependentSchemas": {"a": {"required": ["b"]}}},
        {"a": 1, "b": "example"},
    ),
    ({"properties": {"a": {}, "b": {"const": 2}}, "not": {"required": ["a", "b"]}, "required": ["b"]}, {"b": 2}),
    ({"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]}, {"a": 1}),
    ({"allOf": [{"type": "number", "minimum": 2}, {"type": ["integer", "null"], "minimum": 3}]}, 3),
    ({"allOf": [{"properties": {"a": {"minimum": 5}}}, {"properties": {"a": {"type": "integer"}}}]}, {"a": 5}),
    ({"oneOf": [{"properties": {"a": {}}}, {"properties": {"a": {}}, "required": ["b"]}]}, {"a": "example"}),
    ({"anyOf": [False, {"type": "integer"}]}, 1),
    ({"enum": ["a", "b"], "default": "b"}, "b"),
    ({"allOf": [{"type": ["string", "integer"]}, {"type": "integer"}]}, 1),
    ({"type": "integer", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}]}, 12),
    ({"prefixItems": [{"const": 1}, {"not": {}}]}, [1]),
    (
        {
            "properties": {
                "x": {"properties": {"a": {}}, "required": ["b"], "not": {"required": ["a"]}},
                "y": {"const": 1},
            }
        },
        {"x": {"b": "example"}, "y": 1},
    ),
    (
        {
            "allOf": [{"$ref": "#/$defs/Node"}],
            "$defs": {"Node": {"properties": {"it": {"const": 1}, "next": {"$ref": "#/$defs/Node"}}}},
        },
        {"it": 1},
    ),
]


def fullest(schema: Any) -> Any:
    return examples_of(schema)[-1]


@pytest.mark.parametrize(("schema", "example"), KEYWORDS)
def test_each_keyword_shapes_the_example(schema: Any, example: Any) -> None:
    assert fullest(schema) == example
    assert Draft202012Validator(schema).is_valid(example)  # pyright: ignore[reportUnknownMemberType] - its stubs


@pytest.mark.parametrize("name", ["date", "email", "ipv4", "ipv6", "uuid", "regex", "idn-email", "idn-hostname"])
def test_an_example_of_a_format_is_of_that_format(name: str) -> None:
    validator: Any = Draft202012Validator({"format": name}, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert validator.is_valid(fullest({"type": "string", "format": name}))


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"not": {}},
        {"type": "string", "pattern": "(?=impossible)^$"},
        {"type": "integer", "minimum": 2, "maximum": 1},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True},
        {"required": ["me"], "properties": {"me": {"$ref": "#"}}},
        {"$ref": "#"},
        {"$ref": "http://example.com/other.json"},
        {"type": "strin"},
        {"type": "string", "minLength": 10**9},
        {"type": "array", "minItems": 10**9},
        {"type": "array", "minItems": 101},
        {"type": "string", "enum": ["too long"], "maxLength": 3},
        {"minProperties": 10**9},
        {"enum": []},
    ],
)
def test_where_none_can_be_made_none_is_given(schema: Any) -> None:
    assert examples_of(schema) == []


def test_a_schema_with_very_many_ways_to_fail_is_given_up() -> None:
    """Without a budget this tries 6^12 combinations."""
    choices = [{"oneOf": [{"multipleOf": 2**bit} for bit in range(1, 7)]} for _ in range(12)]
    assert examples_of({"type": "integer", "minimum": 1, "maximum": 1, "allOf": choices}) == []


TREE: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "parent": {"$ref": "#"},
        "children": {"type": "array", "items": {"$ref": "#"}},
        "owner": {"$ref": "#/$defs/Person"},
    },
    "$defs": {"Person": {"properties": {"friend": {"$ref": "#/$defs/Person"}, "age": {"type": "integer"}}}},
}


def test_recursion_ends_where_it_begins() -> None:
    assert fullest(TREE) == {"name": "example", "children": [], "owner": {"age": 1}}


def test_the_first_example_is_the_least_and_the_second_is_full() -> None:
    assert examples_of(TREE) == [{"name": "example"}, fullest(TREE)]


def test_an_authored_example_is_the_full_one_but_not_the_least() -> None:
    schema = {"required": ["a"], "properties": {"a": {"examples": [3]}, "b": {}}, "examples": [{"a": 1, "b": 2}]}
    assert examples_of(schema) == [{"a": 3}, {"a": 1, "b": 2}]


def test_equal_examples_are_given_once() -> None:
    assert examples_of({"type": "integer"}) == [1]


def test_optional_properties_are_left_out_below_the_third_level() -> None:
    def nested(depth: int) -> dict[str, Any]:
        inner = nested(depth - 1) if depth else {"type": "string"}
        return {"type": "object", "properties": {"deep": inner, "need": {"type": "integer"}}, "required": ["need"]}

    assert fullest(nested(5)) == {"deep": {"deep": {"deep": {"need": 1}, "need": 1}, "need": 1}, "need": 1}


def test_a_registered_schema_has_examples() -> None:
    line = {"properties": {"sku": {"type": "string"}, "note": {"type": "string", "nullable": True}}}
    order = {
        "type": "object",
        "required": ["orderId"],
        "properties": {
            "orderId": {"type": "string", "pattern": "^[0-9]{6}$", "example": "100045"},
            "express": {"type": "boolean", "default": False},
            "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Line"}},
        },
    }
    document = {"openapi": "3.0.0", "components": {"schemas": {"Order": order, "Line": line}}}
    assert examples_of(to_json_schema(json.dumps(document), "OpenApi3")) == [
        {"orderId": "100045"},
        {"orderId": "100045", "express": False, "lines": [{"sku": "example", "note": "example"}]},
    ]


# --- properties -------------------------------------------------------------------------------------------------------


@st.composite
def numeric(draw: st.DrawFn) -> dict[str, Any]:
    """A range wide enough to hold a multiple, if one is asked for."""
    step, low, width = draw(st.sampled_from([None, 1, 3, 0.5])), draw(st.integers(-100, 100)), draw(st.integers(4, 9))
    least, most = (
        draw(st.sampled_from(["minimum", "exclusiveMinimum"])),
        draw(st.sampled_from(["maximum", "exclusiveMaximum"])),
    )
    bounds = draw(st.sampled_from([{}, {least: low}, {most: low}, {least: low, most: low + width}]))
    kind = "number" if step == 0.5 else draw(st.sampled_from(["integer", "number"]))
    return {"type": kind, **bounds, **({"multipleOf": step} if step else {})}


@st.composite
def textual(draw: st.DrawFn) -> dict[str, Any]:
    least = draw(st.integers(0, 30))
    bounds = {"minLength": least, "maxLength": least + draw(st.integers(0, 10))}
    chosen = {key: value for key, value in bounds.items() if draw(st.booleans())}
    formats = st.sampled_from(["date", "date-time", "uuid", "email", "uri", "unknown"])
    extra = st.one_of(
        st.just(dict[str, Any]()),
        st.sampled_from(["^[a-z]*$", "\\d+", "^x.{2,}"]).map(lambda each: {"pattern": each}),
        formats.map(lambda each: {"format": each}),
    )
    more = draw(extra)
    return {"type": "string", **({"minLength": least + 5} if "pattern" in more else chosen), **more}


scalars = st.one_of(
    numeric(),
    textual(),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"enum": ["a", 2, None]}, {"const": [1]}]),
    st.sampled_from([{"$ref": "#/$defs/tree"}, {"$ref": "#/$defs/code"}]),
)
names = st.sampled_from(["a", "b", "c", "d"])


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(names, inner, max_size=3))
    required = draw(st.lists(names, max_size=3, unique=True))
    is_closable = properties.keys() >= set(required)
    keywords: dict[str, Any] = {
        "required": required,
        "additionalProperties": draw(st.booleans()) if is_closable else True,
        "dependentRequired": {
            name: draw(st.lists(st.sampled_from(sorted(properties)), unique=True)) for name in properties
        },
    }
    kept = draw(st.sets(st.sampled_from(sorted(keywords))))
    return {"type": "object", "properties": properties, **{name: keywords[name] for name in kept}}


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    least = draw(st.integers(0, 3))
    if draw(st.booleans()):
        unlimited = st.sampled_from([{"type": "integer"}, {"type": "string"}, {"type": "string", "format": "email"}])
        return {"type": "array", "items": draw(unlimited), "minItems": least, "uniqueItems": True}
    prefix = {"prefixItems": draw(st.lists(inner, min_size=1, max_size=2))} if draw(st.booleans()) else {}
    return {
        "type": "array",
        "items": draw(inner),
        "minItems": least,
        "maxItems": least + draw(st.integers(0, 2)),
        **prefix,
    }


def composed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    tagged = st.tuples(inner, inner).map(
        lambda pair: {
            "oneOf": [
                {"type": "object", "required": ["kind", "it"], "properties": {"kind": {"const": index}, "it": each}}
                for index, each in enumerate(pair)
            ]
        }
    )
    return st.one_of(
        objects(inner),
        arrays(inner),
        tagged,
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"anyOf": each}),
        st.lists(inner, min_size=1, max_size=2).map(
            lambda parts: {"allOf": [{"properties": {f"p{index}": part}} for index, part in enumerate(parts)]}
        ),
    )


satisfiable = st.recursive(scalars, composed, max_leaves=8)
DEFINITIONS: dict[str, Any] = {
    "tree": {"required": ["name"], "properties": {"name": {"type": "string"}, "left": {"$ref": "#/$defs/tree"}}},
    "code": {"type": "string", "pattern": "^[A-Z]{2}\\d{3}$"},
}


@settings(max_examples=100, deadline=None)
@given(satisfiable)
def test_a_schema_that_can_be_satisfied_has_examples_that_validate(schema: dict[str, Any]) -> None:
    schema = {**schema, "$defs": DEFINITIONS}
    validator: Any = Draft202012Validator(schema)
    examples = examples_of(schema)
    assert examples
    assert all(validator.is_valid(example) for example in examples)
    assert examples_of(json.loads(json.dumps(schema))) == examples


impossible: st.SearchStrategy[Any] = st.sampled_from([True, False, {"not": {}}, {"minimum": 2, "maximum": 1}])


def contradictory(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return composed(inner) | st.fixed_dictionaries({"not": inner, "allOf": st.lists(inner, min_size=1, max_size=2)})


@settings(max_examples=60, deadline=None)
@given(st.recursive(impossible | scalars, contradictory, max_leaves=6))
def test_no_example_is_ever_wrong(schema: Any) -> None:
    schema = {"properties": {"it": schema}, "required": ["it"], "$defs": DEFINITIONS}
    validator: Any = Draft202012Validator(schema)
    assert all(validator.is_valid(example) for example in examples_of(schema))

"""Examples of payloads, made from a JSON Schema 2020-12: always the same ones, and only such as validate."""

import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any, Final, cast

from lambdascope_proxy.patterns import texts_for
from lambdascope_proxy.schemas import referred_part
from lambdascope_proxy.validation import SchemaUnusable, require_valid

_DEEPEST_OPTIONAL: Final = 3
_MOST_STEPS: Final = 10_000
_MOST_TRIES: Final = 200
_LONGEST_TEXT: Final = 10_000
_MOST_ITEMS: Final = 100

_FORMATS: Final = {
    "date-time": "2026-01-{n:02}T09:30:00Z",
    "date": "2026-01-{n:02}",
    "time": "09:30:{n:02}Z",
    "duration": "PT{n}H",
    "email": "user{n}@example.com",
    "idn-email": "user{n}@example.com",
    "hostname": "host{n}.example.com",
    "idn-hostname": "host{n}.example.com",
    "ipv4": "192.0.2.{n}",
    "ipv6": "2001:db8::{n}",
    "uri": "https://example.com/{n}",
    "url": "https://example.com/{n}",
    "uri-reference": "https://example.com/{n}",
    "iri": "https://example.com/{n}",
    "uuid": "00000000-0000-4000-8000-0000000000{n:02}",
    "byte": "ZXhhbXBsZTA{n:02}=",
    "json-pointer": "/example/{n}",
    "regex": "^example{n}$",
}
_KEYWORDS_OF_TYPE: Final = {
    "object": {"properties", "required", "additionalProperties", "patternProperties", "minProperties"},
    "array": {"items", "prefixItems", "minItems", "uniqueItems"},
    "string": {"pattern", "minLength", "maxLength", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}
_UPWARDS: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_DOWNWARDS: Final = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_COMPOSED: Final = frozenset({"$ref", "$defs", "allOf", "anyOf", "oneOf"})

_Keywords = dict[str, Any]
_Refs = frozenset[str]


class _NoExample(Exception):
    """None could be made here: what asked for it may try another way, or leave it out."""


def examples_of(schema: Mapping[str, Any]) -> list[Any]:
    """Give payloads that validate, the least (required properties only) and the full one; fewer if they are equal.

    Values that the schema names (examples, default, const, enum) come first. What cannot be made so that it validates
    is left out: a missing example is better than a wrong one.
    """
    try:
        require_valid(schema)
    except SchemaUnusable:
        return []
    found: list[Any] = []
    for is_full in (False, True):
        with suppress(_NoExample):
            found.append(_Maker(schema, is_full=is_full).example())
    return found[:1] if len(found) == 2 and _same(*found) else found


class _Maker:
    """Makes one example, top down; every part is checked where it is made, so that other choices can be tried."""

    def __init__(self, schema: Mapping[str, Any], *, is_full: bool) -> None:
        import jsonschema
        from referencing.jsonschema import EMPTY_REGISTRY

        self._root = schema
        self._is_full = is_full
        self._steps = itertools.count()
        self._validator: Any = jsonschema.Draft202012Validator(schema, registry=EMPTY_REGISTRY)

    def example(self) -> Any:
        try:
            return self._make(self._root, 1, frozenset({"#"}), 0)
        except (RecursionError, SchemaUnusable):
            raise _NoExample from None

    def _make(self, schema: Any, depth: int, refs: _Refs, variant: int) -> Any:
        """Make a value; another `variant` asks for another value, as arrays of unique items need them."""
        widths = (True, False) if self._is_full and depth <= _DEEPEST_OPTIONAL else (False,)
        for keywords, used in self._choices(schema, refs):
            for is_wide in widths:
                with suppress(_NoExample):
                    value = self._value(keywords, depth, used, variant, is_wide)
                    if self._is_valid(schema, value):
                        return value
        raise _NoExample

    def _is_valid(self, schema: Any, value: object) -> bool:
        self._count_step()
        return self._validator.evolve(schema=schema).is_valid(value)

    def _count_step(self) -> None:
        if next(self._steps) > _MOST_STEPS:
            raise _NoExample  # alternatives within alternatives can be too many to try

    def _choices(self, schema: Any, refs: _Refs) -> Iterator[tuple[_Keywords, _Refs]]:
        """Give the schema without references and composition: one for each way to choose among alternatives."""
        self._count_step()
        if isinstance(schema, bool):
            yield from [({}, refs)] if schema else []
            return
        alternatives: list[list[Any]] = [[each] for each in schema.get("allOf", [])]
        alternatives += [schema[keyword] for keyword in ("anyOf", "oneOf") if keyword in schema]
        if "$ref" in schema:
            if schema["$ref"] in refs:
                return  # a recursion ends here
            refs = refs | {schema["$ref"]}
            alternatives.append([referred_part(self._root, schema["$ref"])])
        own = {keyword: value for keyword, value in schema.items() if keyword not in _COMPOSED}
        yield from self._combined(own, alternatives, refs, refs)

    def _combined(
        self, keywords: _Keywords, alternatives: list[list[Any]], refs: _Refs, used: _Refs
    ) -> Iterator[tuple[_Keywords, _Refs]]:
        if not alternatives:
            yield keywords, used
            return
        for option in alternatives[0]:
            for chosen, deeper in self._choices(option, refs):
                yield from self._combined(_merged(keywords, chosen), alternatives[1:], refs, used | deeper)

    def _value(self, keywords: _Keywords, depth: int, refs: _Refs, variant: int, is_wide: bool) -> Any:
        kind = _type_of(keywords, depth)
        authored = _authored(keywords, with_objects=is_wide or kind != "object")
        with suppress(_NoExample):
            return self._pick(authored, keywords, variant)
        if kind == "object":
            return self._object(keywords, depth, refs, variant, is_wide)
        if kind == "array":
            return self._array(keywords, depth, refs, variant, is_wide)
        return self._pick(_scalars(keywords, kind), keywords, variant)

    def _pick(self, candidates: Iterable[Any], keywords: _Keywords, variant: int) -> Any:
        valid = (each for each in itertools.islice(candidates, _MOST_TRIES) if self._is_valid(keywords, each))
        for value in itertools.islice(valid, variant, None):
            return value
        raise _NoExample

    def _object(self, keywords: _Keywords, depth: int, refs: _Refs, variant: int, is_wide: bool) -> dict[str, Any]:
        required = _with_dependents(keywords.get("required", []), keywords)
        names = _with_dependents(_names(keywords, required, is_wide), keywords)
        asked = {name: each for name, each in keywords.get("dependentSchemas", {}).items() if name in names}
        if asked:
            rest = {
                key: value for key, value in keywords.items() if key not in ("dependentSchemas", "examples", "default")
            }
            return self._make({**rest, "allOf": list(asked.values())}, depth, refs, variant)
        made: dict[str, Any] = {}
        for name in names:
            try:
                made[name] = self._make(_property_schema(keywords, name), depth + 1, refs, variant)
            except _NoExample:
                if name in required:
                    raise
        return made

    def _array(self, keywords: _Keywords, depth: int, refs: _Refs, variant: int, is_wide: bool) -> list[Any]:
        prefix = keywords.get("prefixItems", [])
        least = keywords.get("minItems", 0)
        wanted = max(least, min(keywords.get("maxItems", math.inf), max(len(prefix), 1)) if is_wide else 0)
        if wanted > _MOST_ITEMS:
            raise _NoExample
        made: list[Any] = []
        for index in range(int(wanted)):
            item = prefix[index] if index < len(prefix) else keywords.get("items", True)
            try:
                made.append(self._item(item, made if keywords.get("uniqueItems") else [], depth, refs, variant))
            except _NoExample:
                if index < least:
                    raise
                break
        return made

    def _item(self, schema: Any, others: list[Any], depth: int, refs: _Refs, variant: int) -> Any:
        """Make one item that is none of the others."""
        for tried in range(variant, variant + len(others) + 1):
            value = self._make(schema, depth + 1, refs, tried)
            if not any(_same(value, other) for other in others):
                return value
        raise _NoExample


def _merged(first: _Keywords, second: _Keywords) -> _Keywords:
    both = first.keys() & second.keys()
    return first | second | {keyword: _both(keyword, first[keyword], second[keyword]) for keyword in both}


def _both(keyword: str, first: Any, second: Any) -> Any:
    """Give the value of a keyword that asks for what both values ask for, as far as one value can."""
    if keyword in _UPWARDS | _DOWNWARDS:
        return max(first, second) if keyword in _UPWARDS else min(first, second)
    if keyword in ("properties", "patternProperties", "dependentSchemas"):
        return first | second | {name: {"allOf": [first[name], second[name]]} for name in first.keys() & second.keys()}
    if keyword in ("items", "additionalProperties", "not"):
        return {"anyOf" if keyword == "not" else "allOf": [first, second]}
    if keyword in ("required", "examples"):
        return [*first, *(each for each in second if each not in first)]
    if keyword == "enum":
        return [each for each in first if any(_same(each, other) for other in second)]
    if keyword == "type":
        return _common_types(first, second)
    if keyword == "uniqueItems":
        return first or second
    if keyword == "multipleOf" and isinstance(first, int) and isinstance(second, int):
        return math.lcm(first, second)
    return first


def _common_types(first: str | list[str], second: str | list[str]) -> list[str]:
    firsts, seconds = ([each] if isinstance(each, str) else each for each in (first, second))
    common = [each for each in firsts if each in seconds or (each == "integer" and "number" in seconds)]
    return common + (["integer"] if "number" in firsts and "integer" in seconds and "integer" not in common else [])


def _type_of(keywords: _Keywords, depth: int) -> str:
    stated: str | list[str] = keywords.get("type", [])
    types = [stated] if isinstance(stated, str) else stated
    if types:
        return next((each for each in types if each != "null"), "null")
    if "type" in keywords:
        raise _NoExample  # two parts of the schema ask for different types
    implied = [kind for kind, known in _KEYWORDS_OF_TYPE.items() if known & keywords.keys()]
    return implied[0] if implied else "object" if depth == 1 else "string"


def _authored(keywords: _Keywords, *, with_objects: bool) -> list[Any]:
    """Give the values that the schema itself names; as the least payload an example object may be too much."""
    offered = [*keywords.get("examples", []), *([keywords["default"]] if "default" in keywords else [])]
    offered = offered if with_objects else [each for each in offered if not isinstance(each, dict)]
    const = [keywords["const"]] if "const" in keywords else []
    distinct: list[Any] = []
    for value in [*offered, *const, *keywords.get("enum", [])]:
        if not any(_same(value, each) for each in distinct):
            distinct.append(value)
    return distinct


def _scalars(keywords: _Keywords, kind: str) -> Iterable[Any]:
    if kind == "string":
        return _texts(keywords)
    if kind in ("number", "integer"):
        return _numbers(keywords, kind)
    return (True, False) if kind == "boolean" else (None,)


def _texts(keywords: _Keywords) -> Iterator[str]:
    least, most = keywords.get("minLength", 0), keywords.get("maxLength", _LONGEST_TEXT)
    if "pattern" in keywords:
        yield from itertools.islice(texts_for(keywords["pattern"]), _MOST_TRIES // 2)
    if keywords.get("format") in _FORMATS:
        yield from (_FORMATS[keywords["format"]].format(n=number) for number in range(1, 29))
    if least <= min(most, _LONGEST_TEXT):
        for number in itertools.count(1):
            text = ("example" if number == 1 else f"example{number}").rjust(int(least), "x")
            yield text[len(text) - int(min(most, len(text))) :]


def _numbers(keywords: _Keywords, kind: str) -> Iterator[int | float]:
    lows, highs = (
        [Fraction(str(keywords[name])) for name in names if name in keywords]
        for names in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
    )
    step = Fraction(str(keywords.get("multipleOf", 1)))
    if lows:
        steps = (math.ceil(max(lows) / step) * step + count * step for count in itertools.count())
    else:
        start = min([step, *(math.floor(high / step) * step for high in highs)])
        steps = (start - count * step if highs else start + count * step for count in itertools.count())
    between = [max(lows), (max(lows) + min(highs)) / 2] if lows and highs else lows or highs
    for number in itertools.chain(itertools.islice(steps, 1), between, steps):
        if number.denominator == 1 or kind == "number":
            yield int(number) if number.denominator == 1 else float(number)


def _with_dependents(names: list[str], keywords: _Keywords) -> list[str]:
    """Give the properties and those that they ask for in turn."""
    found = list(names)
    for name in found:  # it grows on the way
        found.extend(each for each in keywords.get("dependentRequired", {}).get(name, []) if each not in found)
    return found


def _names(keywords: _Keywords, required: list[str], is_wide: bool) -> list[str]:
    """Give the properties to make, in the schema's order; a request does not send what is read-only."""
    properties: dict[str, Any] = keywords.get("properties", {})
    optional = [name for name in properties if name not in required and not _is_read_only(properties[name])]
    missing = max(keywords.get("minProperties", 0) - len(required), 0)
    room = max(keywords.get("maxProperties", math.inf) - len(required), 0)
    chosen = optional[: int(min(len(optional), room) if is_wide else missing)]
    invented = (f"property{number}" for number in itertools.count(1))
    extra = itertools.islice(invented, int(min(max(missing - len(chosen), 0), _MOST_ITEMS)))
    listed = [name for name in properties if name in required or name in chosen]
    return [*listed, *(name for name in required if name not in properties), *extra]


def _is_read_only(schema: Any) -> bool:
    return isinstance(schema, dict) and cast("dict[str, Any]", schema).get("readOnly") is True


def _property_schema(keywords: _Keywords, name: str) -> Any:
    if name in keywords.get("properties", {}):
        return keywords["properties"][name]
    patterns: dict[str, Any] = keywords.get("patternProperties", {})
    matching = [schema for pattern, schema in patterns.items() if re.search(pattern, name)]
    return {"allOf": matching} if matching else keywords.get("additionalProperties", True)


def _same(first: object, second: object) -> bool:
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)

"""Documents of the EventBridge Schema Registry, turned into JSON Schema 2020-12 for the input of a tool.

No network and no files: a document stands for itself, or it is not usable and the reason says what to do.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import unquote

from lambdascope_proxy.validation import SchemaUnusable, compile_schema, require_valid, trimmed, validate

__all__ = [
    "DIALECT",
    "SchemaArn",
    "SchemaUnusable",
    "compile_schema",
    "parse_schema_arn",
    "referred_part",
    "to_json_schema",
    "validate",
]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

# What both formats and 2020-12 write alike. A keyword that is not named here or below means nothing in the original.
_SAME: Final = frozenset(
    {
        *("title", "description", "default", "enum", "type", "format", "readOnly", "writeOnly", "deprecated"),
        *("multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
        *("minProperties", "maxProperties", "required"),
    }
)
_BESIDE_REF: Final = frozenset({"title", "description", "readOnly", "writeOnly", "deprecated"})
_SCHEMA: Final = frozenset({"not", "additionalProperties"})
_SCHEMA_LIST: Final = frozenset({"allOf", "anyOf", "oneOf"})
_SCHEMA_MAP: Final = frozenset({"properties", "patternProperties"})
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_JSON_MEDIA_TYPE: Final = re.compile(r"application/(?:[\w.-]+\+)?json\b|application/\*|\*/\*", re.IGNORECASE)
_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:schemas:(?P<region>[a-z0-9-]+):(?P<account_id>[0-9]{12})?"
    r":schema/(?P<registry>[\w.-]+)/(?P<name>[\w.@-]+)",
    re.ASCII,
)

_Pointer = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaArn:
    """Where a schema is registered; AWS's own registry (`aws.events`) belongs to no account."""

    region: str
    account_id: str | None
    registry: str
    name: str


def parse_schema_arn(arn: str) -> SchemaArn:
    """Take the ARN of a schema apart.

    Raises:
        SchemaUnusable: it is not the ARN of a schema.
    """
    match = _ARN.fullmatch(arn.strip())
    if match is None:
        raise SchemaUnusable(
            f"{trimmed(arn, 120)!r} is not the ARN of a schema: write "
            "arn:aws:schemas:<region>:<account>:schema/<registry>/<name>, as the registry shows it."
        )
    return SchemaArn(**cast("dict[str, Any]", match.groupdict()))


def to_json_schema(content: str, kind: str) -> dict[str, Any]:
    """Turn a registry document of kind `OpenApi3` or `JSONSchemaDraft4` into JSON Schema 2020-12.

    Of an OpenAPI document it takes the only request body, else `AWSEvent`, else the schema that no other refers to.
    What the chosen schema refers to comes along under `$defs`; the rest is left out. A `nullable` schema accepts null
    whatever stands beside it, as generators mean it (OpenAPI 3.0.3 ignores it beside `$ref` and lets `enum` forbid it).

    Raises:
        SchemaUnusable: the content is no such document, is ambiguous, or refers to something outside itself.
    """
    document = _parsed(content)
    try:
        schema = _converted(document, kind)
    except RecursionError:
        raise SchemaUnusable("The schema nests too deeply: move inner parts into definitions.") from None
    require_valid(schema)
    return schema


def referred_part(document: Mapping[str, Any], ref: str) -> Any:
    """Give the part of a document that `$ref: #/...` refers to.

    Raises:
        SchemaUnusable: the reference leads outside the document, or to nothing in it.
    """
    return _at(document, _pointer_of(ref))


def _parsed(content: str) -> dict[str, Any]:
    try:
        document: object = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise SchemaUnusable(f"The schema is not JSON ({error}): store it as JSON, not as YAML.") from None
    if not isinstance(document, dict):
        raise SchemaUnusable("The schema is JSON, but not an object: store the whole document.")
    return cast("dict[str, Any]", document)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _converted(document: Mapping[str, Any], kind: str) -> dict[str, Any]:
    if kind == "OpenApi3":
        return _Conversion(document, _openapi_root(document), is_openapi=True).result()
    if kind == "JSONSchemaDraft4":
        _check_scopes(document)
        return _Conversion(document, (), is_openapi=False).result()
    raise SchemaUnusable(f"Schemas of type {kind!r} are not supported: register it as OpenApi3 or JSONSchemaDraft4.")


# --- which schema of an OpenAPI document is the input ---


def _openapi_root(document: Mapping[str, Any]) -> _Pointer:
    if "swagger" in document or not str(document.get("openapi", "3.0")).startswith("3.0"):
        raise SchemaUnusable("The document is not OpenAPI 3.0, the version that the registry holds: convert it.")
    bodies = dict(_request_bodies(document))
    if bodies:
        return _only(bodies, "Several operations have a request body")
    schemas = _object_at(_object_at(document, "components"), "schemas")
    if not schemas:
        raise SchemaUnusable("The document has no request body and nothing under components.schemas: add the schema.")
    if "AWSEvent" in schemas:  # the envelope that the registry's discovery puts around what it saw
        return ("components", "schemas", "AWSEvent")
    places = {name: ("components", "schemas", name) for name in schemas}
    referred = {at[:3] for name, schema in schemas.items() for at in _places_in(schema) if at[:3] != places[name]}
    roots = {name: place for name, place in places.items() if place not in referred}
    return _only(roots or places, "Several schemas could be the input")


def _only(candidates: Mapping[str, _Pointer], problem: str) -> _Pointer:
    if len(candidates) > 1:
        raise SchemaUnusable(f"{problem}: {', '.join(candidates)}. Leave one, or refer to the others from it.")
    return next(iter(candidates.values()))


def _request_bodies(document: Mapping[str, Any]) -> Iterator[tuple[str, _Pointer]]:
    """Give the schema of each request body under its operation ("POST /orders")."""
    for path, item in _object_at(document, "paths").items():
        for method in _METHODS:
            operation = _object_at(_mapping(item, path), method)
            if "requestBody" in operation:
                body = _object_at(operation, "requestBody")
                place: _Pointer = ("paths", path, method, "requestBody")
                if "$ref" in body:
                    place = _pointer_of(body["$ref"])
                    body = _mapping(_at(document, place), "requestBody")
                media_type = _json_media_type(_object_at(body, "content"))
                yield f"{method.upper()} {path}", (*place, "content", media_type, "schema")


def _json_media_type(content: Mapping[str, Any]) -> str:
    media_type = next((each for each in content if _JSON_MEDIA_TYPE.match(each)), None)
    if media_type is None:
        raise SchemaUnusable("The request body has no JSON content: describe it under application/json.")
    return media_type


def _places_in(node: object) -> Iterator[_Pointer]:
    """Give every place in the document that a part of it refers to."""
    if isinstance(node, dict):
        inner = cast("dict[str, object]", node)
        ref = inner.get("$ref")
        if isinstance(ref, str) and (ref == "#" or ref.startswith("#/")):  # else data, or refused on conversion
            yield _pointer_of(ref)
        node = list(inner.values())
    if isinstance(node, list):
        for each in cast("list[object]", node):
            yield from _places_in(each)


# --- conversion ---


class _Conversion:
    """One document on its way: which of its parts are referred to, and what they are called under `$defs`."""

    def __init__(self, document: Mapping[str, Any], root: _Pointer, *, is_openapi: bool) -> None:
        self._document = document
        self._is_openapi = is_openapi
        own_id = document.get("id")
        self._base = own_id.rstrip("#") if isinstance(own_id, str) and not is_openapi else ""
        self._names: dict[_Pointer, str] = {root: ""}
        self._pending: list[_Pointer] = []
        self._root = self._follow(root)

    def result(self) -> dict[str, Any]:
        root = self._schema(_at(self._document, self._root))
        defs: dict[str, Any] = {}
        while self._pending:
            pointer = self._pending.pop(0)
            defs[self._names[pointer]] = self._schema(_at(self._document, pointer))
        named = {"$id": self._base} if self._base and "#" not in self._base else {}
        return {"$schema": DIALECT, **named, **root, **({"$defs": defs} if defs else {})}

    def _follow(self, pointer: _Pointer) -> _Pointer:
        """Go to what the root refers to, so that the input schema says itself that it is an object, and of what."""
        while "$ref" in (node := _mapping(_at(self._document, pointer), "the schema")):
            pointer = self._local(node["$ref"])
            if pointer in self._names:
                raise SchemaUnusable("The schema refers to nothing but itself: describe the input in it.")
            self._names[pointer] = ""
        return pointer

    def _schema(self, node: object) -> Any:
        if isinstance(node, bool):
            return node
        schema = _mapping(node, "a schema")
        if "$ref" in schema:  # in both formats it hides its neighbours
            converted = {key: value for key, value in schema.items() if key in _BESIDE_REF}
            converted["$ref"] = self._ref(schema["$ref"])
        else:
            converted = self._keywords(schema)
        return _with_null(converted) if self._is_openapi and schema.get("nullable") is True else converted

    def _keywords(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        converted: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword in _SAME or (keyword == "examples" and isinstance(value, list)):
                converted[keyword] = value
            elif keyword in _SCHEMA:
                converted[keyword] = self._schema(value)
            elif keyword in _SCHEMA_LIST:
                converted[keyword] = self._list(value, keyword)
            elif keyword in _SCHEMA_MAP:
                converted[keyword] = {name: self._schema(each) for name, each in _mapping(value, keyword).items()}
        if "example" in schema:
            converted.setdefault("examples", [schema["example"]])
        return converted | _bounds(schema) | self._items(schema) | self._dependencies(schema)

    def _list(self, value: object, keyword: str) -> list[Any]:
        if not isinstance(value, list):
            raise SchemaUnusable(f"The schema is not valid: {keyword} is not a list of schemas. Correct it.")
        return [self._schema(each) for each in cast("list[object]", value)]

    def _items(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Of a tuple, `items` becomes `prefixItems` and `additionalItems` becomes `items`."""
        if not isinstance(schema.get("items"), list):
            return {"items": self._schema(schema["items"])} if "items" in schema else {}
        prefix = self._list(schema["items"], "items")
        converted: dict[str, Any] = {"prefixItems": prefix} if prefix else {}
        if "additionalItems" in schema:
            converted["items"] = self._schema(schema["additionalItems"])
        return converted

    def _dependencies(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        if self._is_openapi:
            return {}
        dependencies = _object_at(schema, "dependencies")
        required: dict[str, Any] = {name: each for name, each in dependencies.items() if isinstance(each, list)}
        schemas = {name: self._schema(each) for name, each in dependencies.items() if name not in required}
        converted: dict[str, Any] = {"dependentRequired": required} if required else {}
        return converted | ({"dependentSchemas": schemas} if schemas else {})

    def _ref(self, ref: object) -> str:
        pointer = self._local(ref)
        if pointer not in self._names:
            self._names[pointer] = self._free_name(pointer)
            self._pending.append(pointer)
        return f"#/$defs/{name}" if (name := self._names[pointer]) else "#"

    def _local(self, ref: object) -> _Pointer:
        pointer = _pointer_of(ref.removeprefix(self._base) if isinstance(ref, str) else ref)
        if self._is_openapi and pointer[:2] != ("components", "schemas"):
            raise SchemaUnusable(f"{ref!r} is not the place of a schema: refer to #/components/schemas/<name>.")
        return pointer

    def _free_name(self, pointer: _Pointer) -> str:
        wanted = re.sub(r"[^A-Za-z0-9_.-]", "_", pointer[-1]) or "_"
        numbered = (f"{wanted}_{number}" for number in itertools.count(2))
        return next(name for name in itertools.chain([wanted], numbered) if name not in self._names.values())


def _bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give the bounds, the exclusive ones as numbers: they were flags beside the inclusive ones."""
    converted: dict[str, Any] = {}
    for inclusive, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        limit, flag = schema.get(inclusive), schema.get(exclusive)
        if limit is not None:
            converted[exclusive if flag is True else inclusive] = limit
        if flag is not None and not isinstance(flag, bool):
            converted[exclusive] = flag
    return converted


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(schema.get("type"), str) or schema.keys() & {"not", "allOf", "anyOf", "oneOf"}:
        return {"anyOf": [schema, {"type": "null"}]}
    values: object = schema.get("enum")
    enum = {"enum": [*cast("list[object]", values), None]} if isinstance(values, list) and None not in values else {}
    return {**schema, **enum, "type": [schema["type"], "null"]}


def _check_scopes(document: Mapping[str, Any]) -> None:
    """Refuse references inside a part that has an `id` of its own: they would be relative to it."""
    parts: list[object] = list(document.values())
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            inner = cast("dict[str, Any]", part)
            parts.extend(inner.values())
            if isinstance(inner.get("id"), str) and not inner["id"].startswith("#") and list(_places_in(inner)):
                raise SchemaUnusable(f"References within {inner['id']!r} are relative to that id: remove the id.")
        elif isinstance(part, list):
            parts.extend(cast("list[object]", part))


def _pointer_of(ref: object) -> _Pointer:
    if ref == "#":
        return ()
    if not isinstance(ref, str) or not ref.startswith("#/"):
        raise SchemaUnusable(f"{ref!r} is not a reference into the document itself (#/...): inline what it refers to.")
    return tuple(unquote(token).replace("~1", "/").replace("~0", "~") for token in ref[2:].split("/"))


def _at(document: object, pointer: _Pointer) -> object:
    node = document
    for token in pointer:
        if isinstance(node, dict) and token in node:
            node = cast("dict[str, object]", node)[token]
        elif isinstance(node, list) and token.isdecimal() and int(token) < len(cast("list[object]", node)):
            node = cast("list[object]", node)[int(token)]
        else:
            raise SchemaUnusable(f"The schema refers to #/{'/'.join(pointer)}, which it does not contain: add it.")
    return node


def _object_at(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    return _mapping(parent.get(key, {}), key)


def _mapping(node: object, place: str) -> dict[str, Any]:
    if not isinstance(node, dict):
        raise SchemaUnusable(f"The schema is not valid: {place} should be an object, but is {trimmed(repr(node))}.")
    return cast("dict[str, Any]", node)

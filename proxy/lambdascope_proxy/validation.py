"""Payloads checked against JSON Schema 2020-12, with short messages that do not give the payload away."""

import itertools
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, cast

_Error = Any  # jsonschema.ValidationError: its stubs leave most of it unknown

_MOST_MESSAGES: Final = 10
_LONGEST_VALUE: Final = 40
_LONGEST_LIMIT: Final = 120
_SECRET_NAME: Final = re.compile(
    r"pass|pwd|secret|token|credential|auth|private|api.?key|access.?key|\bpin\b|cvv|ssn", re.IGNORECASE
)

_COMPLAINTS: Final = {
    "type": "{value} is not of type {limit}",
    "enum": "{value} is not one of {limit}",
    "const": "{value} is not {limit}",
    "pattern": "{value} does not match {limit}",
    "minLength": "{value} is shorter than {limit}",
    "maxLength": "{value} is longer than {limit}",
    "minimum": "{value} is less than {limit}",
    "maximum": "{value} is more than {limit}",
    "exclusiveMinimum": "{value} is not more than {limit}",
    "exclusiveMaximum": "{value} is not less than {limit}",
    "multipleOf": "{value} is not a multiple of {limit}",
    "minItems": "has fewer items than {limit}",
    "maxItems": "has more items than {limit}",
    "uniqueItems": "has the same item twice",
    "minProperties": "has fewer properties than {limit}",
    "maxProperties": "has more properties than {limit}",
    "anyOf": "{value} fits none of the alternatives",
    "oneOf": "{value} fits none of the alternatives, or more than one",
}


class SchemaUnusable(ValueError):
    """A schema that cannot serve as a tool's input schema; the message says why and what to do."""


def require_valid(schema: Mapping[str, Any]) -> None:
    """Do nothing if this is a valid JSON Schema 2020-12.

    Raises:
        SchemaUnusable: it is not; the message names the place and the reason.
    """
    import jsonschema

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        reason = f"{error.json_path.replace('$', 'root', 1)}: {trimmed(error.message, _LONGEST_LIMIT)}"
        raise SchemaUnusable(f"The schema is not valid at {reason}. Correct it where it is registered.") from None
    except RecursionError:
        raise SchemaUnusable("The schema nests too deeply: move inner parts into definitions.") from None


def compile_schema(schema: Mapping[str, Any]) -> Callable[[object], list[str]]:
    """Make the check of payloads against a 2020-12 schema: at most ten messages, none if the payload is valid.

    A message names the place and trims what it quotes; values of fields with a secret's name are not quoted. Formats
    are annotations, as 2020-12 has them by default, and refuse nothing.

    Raises:
        SchemaUnusable: the schema is not valid, or (when called) refers to something that it does not contain.
    """
    import jsonschema
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import EMPTY_REGISTRY

    require_valid(schema)
    # The default registry would fetch what a schema refers to.
    validator: Any = jsonschema.Draft202012Validator(schema, registry=EMPTY_REGISTRY)

    def check(payload: object) -> list[str]:
        try:
            return [_message(error) for error in itertools.islice(validator.iter_errors(payload), _MOST_MESSAGES)]
        except Unresolvable as error:
            raise SchemaUnusable(f"The schema refers to something that it does not contain ({error}).") from None
        except RecursionError:
            return ["payload: nests too deeply to be checked, or the schema refers to itself without end"]

    return check


def validate(schema: Mapping[str, Any], payload: object) -> list[str]:
    """Check one payload as `compile_schema` does, keeping the compiled form of the latest schemas.

    Raises:
        SchemaUnusable: as `compile_schema` and its check do.
    """
    return _compiled(json.dumps(schema, sort_keys=True))(payload)


@lru_cache(maxsize=256)
def _compiled(canonical: str) -> Callable[[object], list[str]]:
    return compile_schema(json.loads(canonical))


def trimmed(text: str, longest: int = _LONGEST_VALUE) -> str:
    """Give the text, or its beginning and an ellipsis, in no more than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _message(error: _Error) -> str:
    import jsonschema.exceptions

    deepest: _Error = cast("Any", jsonschema.exceptions).best_match([error])
    path = list(deepest.absolute_path)
    if deepest.validator == "required":
        path.append(_missing(deepest))
    return f"{_place(path)}: {_complaint(deepest)}"


def _missing(error: _Error) -> str:
    # jsonschema tells the name only in its message.
    return next(name for name in error.validator_value if error.message == f"{name!r} is a required property")


def _place(path: list[str | int]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{trimmed(part)}" for part in path]
    return "".join(parts).removeprefix(".") or "payload"


def _complaint(error: _Error) -> str:
    if error.validator in ("required", "dependentRequired"):
        return error.message  # it quotes names of the schema, nothing of the payload
    if error.validator == "additionalProperties":
        return f"{_unexpected(error)}: no such property in the schema"
    value = "the value" if _is_secret(error) else _shown(error.instance)
    limit: Any = error.validator_value
    limit = trimmed(f"'{limit}'" if isinstance(limit, str) else json.dumps(limit, ensure_ascii=False), _LONGEST_LIMIT)
    return _COMPLAINTS.get(error.validator, "{value} is not allowed here").format(value=value, limit=limit)


def _unexpected(error: _Error) -> str:
    """Name the properties of the payload that the schema has not: the first three."""
    known, patterns = error.schema.get("properties", {}), error.schema.get("patternProperties", {})
    unknown: list[str] = [name for name in error.instance if name not in known]
    names = [trimmed(name) for name in unknown if not any(re.search(pattern, name) for pattern in patterns)]
    return ", ".join(repr(name) for name in names[:3]) + (", ..." if len(names) > 3 else "")


def _is_secret(error: _Error) -> bool:
    schema: Any = error.schema
    if isinstance(schema, dict) and cast("Any", schema).get("format") == "password":
        return True
    return any(isinstance(part, str) and _SECRET_NAME.search(part) for part in error.absolute_path)


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    return trimmed(repr(value) if isinstance(value, str) else json.dumps(value))

"""JSON between here and an upstream, with what fast parsers and UTF-8 do not take: halves of surrogate pairs. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic_core import from_json, to_json

from lambdascope_proxy.errors import UpstreamNonsense

# An escape is one only after an even number of backslashes; a pair is left as it is.
_ESCAPES: Final = re.compile(
    r"(?P<even>(?<!\\)(?:\\\\)*)(?:(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def parse(body: bytes) -> dict[str, Any]:
    """One message of JSON-RPC. Raises UpstreamNonsense."""
    try:
        message = from_json(body, allow_inf_nan=False)
    except ValueError:
        message = _parse_slowly(body)
    if not isinstance(message, dict) or cast("Mapping[str, Any]", message).get("jsonrpc") != "2.0":
        raise UpstreamNonsense("what it sent is no message of JSON-RPC")
    return cast("dict[str, Any]", message)


def encode_message(message: Mapping[str, Any]) -> bytes:
    """The message as JSON in UTF-8, on one line."""
    try:
        return to_json(message)
    except ValueError:
        # Half a surrogate pair is valid in JSON but not in UTF-8: such text travels escaped.
        return json.dumps(message, separators=(",", ":")).encode()


def mended(text: str) -> str:
    """The JSON text with halves of surrogate pairs replaced, so that what is read can be written."""
    return _ESCAPES.sub(lambda match: match["even"] + (match["pair"] or r"\ufffd"), text)


def _parse_slowly(body: bytes) -> Any:
    """The fast parser knows neither half a surrogate pair nor 200 levels; Python's does."""
    try:
        return json.loads(mended(body.decode(errors="replace")))
    except (ValueError, RecursionError):
        raise UpstreamNonsense("what it sent is no JSON") from None

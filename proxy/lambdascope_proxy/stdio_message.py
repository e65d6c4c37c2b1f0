"""Reads a line of stdio as a JSON-RPC message, or tells which error to answer it with."""

import json
from typing import Any, cast

import mcp.types as t
from mcp.shared.message import SessionMessage
from pydantic import ValidationError


def read_message(line: str) -> SessionMessage | t.JSONRPCError:
    """The message of a line that is not blank; an error carries the request's id wherever that can be read."""
    try:
        return SessionMessage(t.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValidationError:
        return _read_slowly(line)


def _read_slowly(line: str) -> SessionMessage | t.JSONRPCError:
    """The SDK's parser knows neither half a surrogate pair nor 200 levels; Python's does."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return _refusal(None, t.PARSE_ERROR, "Parse error: a line must be one JSON document")
    request_id = cast("dict[str, Any]", document).get("id") if isinstance(document, dict) else None
    if not _is_id(request_id):
        return _refusal(None, t.INVALID_REQUEST, "Invalid request: its id is neither text nor a whole number")
    try:
        return SessionMessage(t.jsonrpc_message_adapter.validate_python(document, by_name=False))
    except ValidationError:
        return _refusal(request_id, t.INVALID_REQUEST, "Invalid request: it does not have the form of JSON-RPC 2.0")


def _is_id(value: Any) -> bool:
    """Whether an answer can carry it: half a surrogate pair cannot be written."""
    if isinstance(value, str):
        return value.isascii() or value == value.encode(errors="replace").decode()
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _refusal(request_id: Any, code: int, message: str) -> t.JSONRPCError:
    return t.JSONRPCError(jsonrpc="2.0", id=request_id, error=t.ErrorData(code=code, message=message))

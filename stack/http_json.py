"""JSON over HTTP with what runs on loopback."""

import json
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlencode

from stack.children import LOOPBACK

PATIENCE_S: Final = 30.0


def get_json(port: int, path: str, **query: str) -> Any:
    """The parsed answer to a GET, whatever its status."""
    return _exchange(port, "GET", f"{path}?{urlencode(query)}" if query else path, None, {})


def post_form(port: int, path: str, **fields: str) -> Any:
    """The parsed answer to a form, whatever its status."""
    return _exchange(port, "POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})


def post_json(port: int, path: str, document: Any) -> Any:
    """The parsed answer to a JSON document, whatever its status."""
    return _exchange(port, "POST", path, json.dumps(document), {"Content-Type": "application/json"})


def _exchange(port: int, method: str, path: str, body: str | None, headers: dict[str, str]) -> Any:
    connection = HTTPConnection(LOOPBACK, port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()

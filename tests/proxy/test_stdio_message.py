"""Lines of stdio: what is a message, and with what the rest is answered."""

import json
from typing import Any

import mcp.types as t
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.shared.message import SessionMessage

from lambdascope_proxy.stdio_message import read_message

CALL = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "x"}}


def read(document: Any) -> Any:
    return read_message(document if isinstance(document, str) else json.dumps(document))


@pytest.mark.parametrize(
    "document",
    [
        CALL,
        {**CALL, "id": "seven"},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {**CALL, "params": {"text": "\ud800"}},
        {**CALL, "params": {"deep": json.loads("[" * 300 + "]" * 300)}},
    ],
    ids=["number", "text", "notification", "half a surrogate pair", "300 levels"],
)
def test_a_message_is_read_whatever_the_fast_parser_makes_of_it(document: dict[str, Any]) -> None:
    message = read(document)
    assert isinstance(message, SessionMessage)
    assert getattr(message.message, "id", None) == document.get("id")


@pytest.mark.parametrize(
    ("line", "code", "request_id"),
    [
        ("not json", t.PARSE_ERROR, None),
        ('{"jsonrpc": "2.0", "id": 7', t.PARSE_ERROR, None),
        ("[" * 100_000, t.PARSE_ERROR, None),
        ("[]", t.INVALID_REQUEST, None),
        ('"text"', t.INVALID_REQUEST, None),
        ({"id": 77, "method": "tools/call", "params": []}, t.INVALID_REQUEST, 77),
        ({**CALL, "params": 5}, t.INVALID_REQUEST, 7),
        ({**CALL, "id": "\ud800"}, t.INVALID_REQUEST, None),
        ({**CALL, "id": True, "params": 5}, t.INVALID_REQUEST, None),
    ],
)
def test_a_line_that_is_no_message_is_answered_under_its_id_where_it_has_one(
    line: Any, code: int, request_id: Any
) -> None:
    # A client that never gets an answer under its id waits for ever.
    answer = read(line)
    assert isinstance(answer, t.JSONRPCError)
    assert (answer.error.code, answer.id) == (code, request_id)


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_text_is_read_or_refused_and_a_refusal_can_be_written(line: str) -> None:
    answer = read_message(line)
    if isinstance(answer, t.JSONRPCError):
        assert json.loads(answer.model_dump_json(by_alias=True))["error"]["code"] in (t.PARSE_ERROR, t.INVALID_REQUEST)

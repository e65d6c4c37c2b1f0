"""Whose word a session id is."""

from types import SimpleNamespace
from typing import Any

import pytest

from lambdascope_proxy.mcp_side.session import session_id_of


def request_in(revision: str, **headers: str) -> Any:
    return SimpleNamespace(protocol_version=revision, request=SimpleNamespace(headers=headers))


@pytest.mark.parametrize("revision", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_in_revisions_with_sessions_it_is_the_one_the_server_checked(revision: str) -> None:
    assert session_id_of(request_in(revision, **{"mcp-session-id": "s1"})) == "s1"
    assert session_id_of(request_in(revision)) is None


@pytest.mark.parametrize("revision", ["2026-07-28", "2099-01-01"])
def test_in_newer_ones_the_header_is_anybodys_word_and_is_not_believed(revision: str) -> None:
    # With another's id a caller would spend that session's budget; with a new one each time, be held to no rate.
    assert session_id_of(request_in(revision, **{"mcp-session-id": "s1"})) is None


def test_over_stdio_there_is_no_request_to_carry_one() -> None:
    assert session_id_of(SimpleNamespace(protocol_version="2025-11-25", request=None)) is None

"""The client behind an approval: everything as it is, but for the answers and the state."""

from collections.abc import Mapping
from typing import Any

import pytest

from lambdascope_proxy.approvals.answered_client import AnsweredClient

pytestmark = pytest.mark.anyio


class Whole:
    """A client that says what was asked of it."""

    meta: Mapping[str, Any] = {"k": 1}
    capabilities: Mapping[str, Any] = {"sampling": {}}
    input_responses: Mapping[str, Any] | None = {"ours": {}, "theirs": {}}
    request_state: str | None = "ours"

    def __init__(self) -> None:
        self.told: list[Any] = []

    async def report_progress(self, progress: float, total: float | None, message: str | None) -> None:
        self.told.append((progress, total, message))

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        return {"asked": method, **params}


async def test_it_hands_everything_on_but_for_what_was_ours() -> None:
    whole = Whole()
    client = AnsweredClient(whole, {"theirs": {}}, "theirs")
    assert (client.input_responses, client.request_state) == ({"theirs": {}}, "theirs")
    assert (client.meta, client.capabilities) == ({"k": 1}, {"sampling": {}})
    await client.report_progress(1, 2, "half")
    assert whole.told == [(1, 2, "half")]
    assert await client.ask("roots/list", {"a": 1}) == {"asked": "roots/list", "a": 1}

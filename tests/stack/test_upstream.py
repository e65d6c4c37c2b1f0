"""The server that has to be guarded against: what each of its tools does, without which a panel would have no data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from stack.upstream import TOOLS, Upstream

Json = Mapping[str, Any]


class Told(list[Json]):
    """What the server wrote."""


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def upstream(tmp_path: Path, told: Told) -> Upstream:
    return Upstream(tmp_path / "away", told.append)


def call(name: str) -> Json:
    return {"id": 1, "method": "tools/call", "params": {"name": name, "arguments": {}}}


def description(upstream: Upstream, told: Told, name: str) -> str:
    upstream.take({"id": 2, "method": "tools/list"})
    (found,) = [tool for tool in told[-1]["result"]["tools"] if tool["name"] == name]
    return found["description"]


@pytest.mark.parametrize("name", ["look_up", "add", "remove", "shift"])
def test_most_tools_answer(upstream: Upstream, told: Told, name: str) -> None:
    upstream.take(call(name))
    assert [each["result"]["content"][0]["text"] for each in told] == [f"{name} done"]


def test_one_never_answers_and_one_only_every_other_time(upstream: Upstream, told: Told) -> None:
    # Without a second answer a retry would never do any good.
    for _ in range(2):
        upstream.take(call("stall"))
    assert told == []
    for _ in range(2):
        upstream.take(call("stumble"))
    assert len(told) == 1


def test_one_answers_with_an_error_of_the_protocol(upstream: Upstream, told: Told) -> None:
    upstream.take(call("refuse"))
    assert told[0]["error"]["code"] == -32000


def test_a_change_is_announced_and_changes_one_tool_only(upstream: Upstream, told: Told) -> None:
    before = {name: description(upstream, told, name) for name in TOOLS}
    upstream.take(call("change"))
    assert "notifications/tools/list_changed" in [each.get("method") for each in told]
    after = {name: description(upstream, told, name) for name in TOOLS}
    assert {name for name in TOOLS if before[name] != after[name]} == {"shift"}


def test_it_leaves_and_says_that_the_next_start_is_to_fail(upstream: Upstream, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        upstream.take(call("leave"))
    assert (tmp_path / "away").exists()


def test_notifications_and_answers_are_not_answered(upstream: Upstream, told: Told) -> None:
    upstream.take({"method": "notifications/initialized"})
    upstream.take({"id": 7, "result": {}})
    assert told == []
    upstream.take({"id": 8, "method": "server/discover"})
    assert told[0]["error"]["code"] == -32601

"""The file of pins: first sight, changes, approval, several processes, and a file that is broken."""

import json
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.store.locks import exclusive
from lambdascope_proxy.errors import PinsError
from lambdascope_proxy.upstreams import pin_store
from lambdascope_proxy.upstreams.pin_store import LOCK, PinStore
from lambdascope_proxy.upstreams.pins import State, Verdict

AT, LATER = "2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z"


def tool(name: str = "read", description: str = "Reads.") -> Mapping[str, Any]:
    return {"name": name, "description": description, "inputSchema": {"type": "object"}}


@pytest.fixture
def store(tmp_path: Path) -> PinStore:
    return PinStore(directory=tmp_path / "history")


def look(store: PinStore, *tools: Mapping[str, Any], identity: str = "id") -> list[Verdict]:
    return [*store.look("files", identity, tools, AT)]


def states(verdicts: list[Verdict]) -> dict[str, State]:
    return {verdict.tool: verdict.state for verdict in verdicts}


def test_what_is_seen_first_is_accepted_and_told_as_such_once(store: PinStore) -> None:
    assert states(look(store, tool(), tool("write"))) == {"read": State.FIRST_SIGHT, "write": State.FIRST_SIGHT}
    assert states(look(store, tool(), tool("write"))) == {"read": State.PINNED, "write": State.PINNED}
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_changed_and_a_new_tool_wait_until_they_are_approved(store: PinStore) -> None:
    look(store, tool())
    changed, new = tool(description="Reads and sends."), tool("delete")
    for _ in range(2):  # also for the next process that sees them
        assert states(look(store, changed, new)) == {"read": State.CHANGED, "delete": State.NEW}
    assert [name for name, _ in store.approve("files", "read", LATER)] == ["read"]
    assert states(look(store, changed, new)) == {"read": State.PINNED, "delete": State.NEW}
    assert [name for name, _ in store.approve("files", None, LATER)] == ["delete"]
    assert states(look(store, changed, new)) == {"read": State.PINNED, "delete": State.PINNED}
    assert store.approve("files", None, LATER) == []
    # What was approved is what counts: going back to the old definition is a change.
    assert states(look(store, tool(), new)) == {"read": State.CHANGED, "delete": State.PINNED}


def test_a_tool_that_becomes_what_it_was_waits_no_longer(store: PinStore) -> None:
    look(store, tool())
    look(store, tool(description="other"))
    look(store, tool())
    assert store.approve("files", None, LATER) == []


def test_a_tool_that_goes_and_comes_back_changed_is_seen(store: PinStore) -> None:
    look(store, tool(), tool("write"))
    look(store, tool())
    assert states(look(store, tool(), tool("write", "other"))) == {"read": State.PINNED, "write": State.CHANGED}


def test_an_empty_list_is_no_first_sight(store: PinStore) -> None:
    # A server that lists nothing while it starts would have all its tools held afterwards.
    look(store)
    assert states(look(store, tool())) == {"read": State.FIRST_SIGHT}


def test_two_servers_of_one_name_have_pins_of_their_own(store: PinStore) -> None:
    look(store, tool())
    assert states(look(store, tool(description="other"), identity="id2")) == {"read": State.FIRST_SIGHT}
    assert states(look(store, tool())) == {"read": State.PINNED}


def test_a_list_without_news_writes_nothing(store: PinStore) -> None:
    look(store, tool())
    before = store.path.stat().st_mtime_ns, store.path.stat().st_ino
    look(store, tool())
    assert (store.path.stat().st_mtime_ns, store.path.stat().st_ino) == before


def test_processes_that_see_upstreams_at_the_same_time_lose_none(store: PinStore) -> None:
    # Without the lock the last one to write would take the others' pins away.
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: store.look(f"up{number}", "id", [tool()], AT), range(8)))
    assert sorted(pinned.upstream for pinned in store.read()) == [f"up{number}" for number in range(8)]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"version": 2, "upstreams": []}', '{"version": 1, "upstreams": [{"upstream": "files"}]}'],
)
def test_a_broken_file_is_told_and_never_taken_for_first_sight(store: PinStore, text: str) -> None:
    # Whoever can break the file would otherwise have every change accepted.
    look(store, tool())
    store.path.write_text(text, encoding="utf-8")
    with pytest.raises(PinsError, match=r"pins\.json cannot be read"):
        look(store, tool(description="other"))
    with pytest.raises(PinsError):
        store.approve("files", None, LATER)
    assert store.path.read_text(encoding="utf-8") == text


def test_a_file_that_others_may_write_or_no_parser_gets_through_is_refused(store: PinStore) -> None:
    look(store, tool())
    store.path.chmod(0o622)
    with pytest.raises(PinsError, match="chmod go-w"):
        look(store, tool())
    store.path.chmod(0o600)
    store.path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(PinsError, match="cannot be read"):
        look(store, tool())


def test_what_changed_again_is_not_approved_by_the_digest_that_was_looked_at(store: PinStore) -> None:
    look(store, tool())
    (seen,) = look(store, tool(description="harmless"))
    (now,) = look(store, tool(description="harmful"))
    assert store.approve("files", "read", LATER, seen.digest) == []
    assert store.approve("files", "other", LATER, now.digest) == []
    assert [name for name, _ in store.approve("files", None, LATER, now.digest)] == ["read"]


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PinsError, match="cannot be"):
        look(PinStore(directory=tmp_path / "file" / "history"), tool())


def test_a_lock_that_is_never_let_go_is_told(store: PinStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin_store, "LOCK_S", 0.0)
    look(store, tool())
    with exclusive(store.directory / LOCK, wait_s=0), pytest.raises(PinsError, match="locked by another process"):
        look(store, tool(description="other"))


def test_the_file_says_for_people_what_was_accepted_and_what_waits(store: PinStore) -> None:
    look(store, tool(description="x" * 9_000))
    look(store, tool(description="other"))
    (pinned,) = json.loads(store.path.read_text(encoding="utf-8"))["upstreams"]
    assert (pinned["upstream"], pinned["identity"]) == ("files", "id")
    assert len(pinned["accepted"]["read"]["description"]) == 500
    assert (pinned["waiting"]["read"]["description"], pinned["waiting"]["read"]["at"]) == ("other", AT)

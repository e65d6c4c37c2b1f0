"""`lambdascope upstreams pins` and `approve`, through the command line."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.cli import main
from lambdascope_proxy.upstreams.pin_store import PinStore
from lambdascope_proxy.upstreams.pins import State

AT = "2026-11-22T10:00:00Z"


def tool(name: str, description: str) -> Mapping[str, Any]:
    return {"name": name, "description": description, "inputSchema": {"type": "object"}}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PinStore:
    """Of two upstreams; of one a tool changed and one is new."""
    monkeypatch.setenv("LAMBDASCOPE_HISTORY_DIR", str(tmp_path))
    store = PinStore(directory=tmp_path)
    store.look("files", "id", [tool("read", "Reads."), tool("list", "Lists.")], AT)
    store.look("mail", "id", [tool("send", "Sends.")], AT)
    store.look("files", "id", [tool("read", "Reads, then sends."), tool("list", "Lists."), tool("drop", "Drops.")], AT)
    return store


@pytest.mark.usefixtures("store")
def test_pins_tell_what_was_accepted_and_what_is_something_else_now(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upstreams", "pins", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["upstream"], row["tool"], row["state"], row["changed"]) for row in rows] == [
        ("files", "drop", "new", ["description", "inputSchema"]),
        ("files", "list", "pinned", []),
        ("files", "read", "changed", ["description"]),
        ("mail", "send", "pinned", []),
    ]
    assert (rows[2]["description"], rows[2]["accepted_description"]) == ("Reads, then sends.", "Reads.")
    assert main(["upstreams", "pins", "mail"]) == 0
    table = capsys.readouterr().out
    assert "send" in table
    assert "read" not in table


def test_approve_takes_one_tool_or_all_that_wait(store: PinStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upstreams", "approve", "files/read"]) == 0
    assert capsys.readouterr().out.startswith("approved files/read (")
    assert main(["upstreams", "approve", "files", "--json"]) == 0
    assert [row["tool"] for row in json.loads(capsys.readouterr().out)] == ["drop"]
    now = [tool("read", "Reads, then sends."), tool("drop", "Drops.")]
    assert {verdict.state for verdict in store.look("files", "id", now, AT)} == {State.PINNED}


def test_a_digest_approves_what_was_looked_at_and_nothing_else(
    store: PinStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["upstreams", "pins", "files", "--json"]) == 0
    shown = {row["tool"]: row["digest"] for row in json.loads(capsys.readouterr().out)}
    store.look("files", "id", [tool("read", "Now worse."), tool("drop", "Drops.")], AT)
    assert main(["upstreams", "approve", f"files/read@{shown['read']}"]) == 1
    assert "waits for approval" in capsys.readouterr().err
    assert main(["upstreams", "approve", f"files/@{shown['drop']}"]) == 0
    assert capsys.readouterr().out == f"approved files/drop ({shown['drop']})\n"


@pytest.mark.parametrize("text", ["files/", "/read", ""])
@pytest.mark.usefixtures("store")
def test_a_slash_with_nothing_behind_it_is_not_all_tools(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The rest of a name that a shell took for something else must not approve everything."""
    with pytest.raises(SystemExit) as ended:
        main(["upstreams", "approve", text])
    assert ended.value.code == 2
    assert "names no tool" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["files/list", "mail", "nobody"])
@pytest.mark.usefixtures("store")
def test_nothing_to_approve_is_a_failure_that_says_so(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    # Whoever misspells a name must not believe that it was approved.
    assert main(["upstreams", "approve", name]) == 1
    assert capsys.readouterr().err.startswith(f"lambdascope: nothing of {name} waits for approval")


def test_a_broken_file_is_told(store: PinStore, capsys: pytest.CaptureFixture[str]) -> None:
    store.path.write_text("{", encoding="utf-8")
    assert main(["upstreams", "pins"]) == 1
    assert "pins.json cannot be read" in capsys.readouterr().err

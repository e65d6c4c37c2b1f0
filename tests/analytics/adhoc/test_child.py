"""The process of a query, spoken to as its parent does, and its inside where a process would show too little."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.adhoc import child, fence
from lambdascope_analytics.adhoc.database import Parser, Room
from lambdascope_analytics.adhoc.files import HistoryFiles
from lambdascope_analytics.errors import QueryError

COMMAND = [sys.executable, "-P", "-m", "lambdascope_analytics.adhoc.child"]


def request_for(directory: Path, sql: str, **changed: Any) -> dict[str, Any]:
    """A request with usual limits."""
    usual = {"max_rows": 10, "max_bytes": 10_000, "memory_mb": 200, "timeout_s": 20}
    return {"directory": str(directory), "sql": sql, **usual, **changed}


def ask(directory: Path, sql: str, **changed: Any) -> dict[str, Any]:
    """What a process of its own answers; it has no environment."""
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={})
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(json.dumps(request_for(directory, sql, **changed)).encode() + b"\n")
    process.stdin.flush()
    answer = process.stdout.read()
    complaint = process.stderr.read()
    process.wait(30)
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()
    assert not complaint, complaint.decode()
    return json.loads(answer)


def test_a_query_is_answered_with_columns_and_rows(place: Any) -> None:
    answer = ask(place.history, "SELECT pid, outcome, started_at FROM calls ORDER BY pid", max_rows=2)["answer"]
    assert answer == {
        "columns": [["pid", "INTEGER"], ["outcome", "VARCHAR"], ["started_at", "TIMESTAMP WITH TIME ZONE"]],
        "rows": [[1, "ok", "2026-11-20T10:01:00Z"], [2, "ok", "2026-11-20T10:02:00Z"]],
        "truncated_by": "rows",
        "cut_cells": 0,
    }


def test_nothing_of_the_environment_and_the_machine_is_seen_from_inside(place: Any) -> None:
    sql = "SELECT gen_random_uuid() IS NOT NULL, now() IS NOT NULL, TIMESTAMP '2026-07-01' AT TIME ZONE 'Europe/Berlin'"
    assert ask(place.history, sql)["answer"]["rows"] == [[True, True, "2026-06-30T22:00:00Z"]]


def test_a_history_that_does_not_exist_yet_is_empty(tmp_path: Path) -> None:
    assert ask(tmp_path / "none", "SELECT count(*) FROM calls")["answer"]["rows"] == [[0]]


def test_an_answer_is_cut_at_its_size_and_long_values_are_shortened(place: Any) -> None:
    many = ask(place.history, "SELECT repeat('x', 100) FROM range(1000)", max_rows=1000)["answer"]
    assert many["truncated_by"] == "bytes"
    assert 50 < len(many["rows"]) < 100
    long = ask(place.history, "SELECT repeat('x', 1000000)")["answer"]
    assert long["cut_cells"] == 1
    assert long["rows"][0][0].endswith("(cut: 1000000 characters)")


def test_too_many_columns_are_refused_with_advice(place: Any) -> None:
    sql = "SELECT " + ", ".join(f"{number} AS column_{number}" for number in range(1000))
    error = ask(place.history, sql)["error"]
    assert (error["reason"], error["hint"]) == ("limit", "Name fewer columns.")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT length(repeat('x', 4000000000))", "limit"),
        ("SELECT list(i) FROM range(100000000) t(i)", "limit"),
        ("COPY calls TO 'x'", "refused"),
        ("SELECT " + "(" * 3000 + "1" + ")" * 3000, None),
        ("SELECT " + "1 + " * 5000 + "1", None),
        ("SELECT " + "[" * 2000 + "]" * 2000, None),
        ("SELECT * FROM " + "(SELECT * FROM " * 500 + "calls" + ")" * 500, None),
    ],
    ids=["huge string", "huge list", "copy", "parentheses", "sum", "lists", "subqueries"],
)
def test_a_query_that_asks_too_much_gets_an_error_and_no_crash(place: Any, sql: str, reason: str | None) -> None:
    reply = ask(place.history, sql)
    # How deep is too deep depends on DuckDB's version; it may also be able to answer.
    assert reason is None or reply["error"]["reason"] == reason
    assert "answer" in reply or reply["error"]["reason"] in {"refused", "invalid", "limit"}


def test_a_history_that_cannot_be_opened_is_told_without_its_path(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "history").write_text("a file", encoding="utf-8")
    reply = child.answer(request_for(tmp_path / "history", "SELECT 1"), Room(200))
    assert reply["error"]["reason"] == "failed"
    assert str(tmp_path) not in json.dumps(reply)
    assert str(tmp_path) in caplog.text


def test_a_file_that_vanishes_is_looked_for_again(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # A compactor puts the rows of a spool into a segment and removes it, between our look and our open.
    for name in ("leave_for_nowhere", "limit_resources", "confine", "forbid_processes"):
        monkeypatch.setattr(fence, name, lambda *_, **__: None)
    (spool,) = [path for path in (place.history / "spool").glob("*.jsonl") if not path.name.startswith("_")]
    look: Callable[[HistoryFiles], None] = HistoryFiles.look
    looks: list[str] = []

    def look_and_move(files: HistoryFiles) -> None:
        look(files)
        if not looks:
            spool.rename(spool.with_name("successor.jsonl"))
        looks.append("looked")

    monkeypatch.setattr(HistoryFiles, "look", look_and_move)
    room = Room(200)
    reply = child.answer(request_for(place.history, "SELECT count(*) FROM calls"), room)
    assert reply["answer"]["rows"] == [[3]]
    assert len(looks) == 2


def test_files_that_keep_vanishing_end_in_an_error(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("leave_for_nowhere", "limit_resources", "confine", "forbid_processes"):
        monkeypatch.setattr(fence, name, lambda *_, **__: None)

    def refuse(room: Room, views: Any) -> None:
        files.vanished = True
        raise QueryError("failed", "gone")

    files = HistoryFiles(place.history)
    monkeypatch.setattr(child, "HistoryFiles", lambda _: files)
    monkeypatch.setattr(Room, "furnish", refuse)
    reply = child.answer(request_for(place.history, "SELECT 1"), Room(200))
    assert reply["error"]["message"] == "gone"


def test_every_fence_is_up_before_the_query_is_read(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # What would be caught: a layer that works by itself and is not used.
    done: list[str] = []
    for name in ("leave_for_nowhere", "limit_resources", "confine", "forbid_processes"):
        monkeypatch.setattr(fence, name, lambda *_, called=name, **__: done.append(called))
    parse: Callable[[Parser, str], Any] = Parser.parse
    register: Callable[[Room, HistoryFiles], None] = Room.register

    def parse_and_note(parser: Parser, sql: str) -> Any:
        done.append("parse")
        return parse(parser, sql)

    def register_and_note(room: Room, files: HistoryFiles) -> None:
        done.append("register")
        register(room, files)

    monkeypatch.setattr(Parser, "parse", parse_and_note)
    monkeypatch.setattr(Room, "register", register_and_note)
    room = Room(200)
    child.answer(request_for(place.history, "SELECT 1"), room)
    # Threads start when the files are registered: within the kernel's fence, and none after them.
    assert done == ["leave_for_nowhere", "limit_resources", "confine", "register", "forbid_processes", "parse"]

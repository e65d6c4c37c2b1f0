"""Watching: the newest answer in place, and what happens when one does not come."""

import io
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest

from lambdascope_proxy.answer import Answer
from lambdascope_proxy.commands.watching import Watch, screen_of
from lambdascope_proxy.views.page import Page, Surface


class Over(Exception):
    """Ends a watch that would go on."""


def answer(count: int, *notes: str) -> Answer:
    return Answer(texts=(), structured={"count": count, "notes": list(notes)}, is_error=False)


ERROR = Answer(texts=("throttled: try again",), structured={"outcome": "throttled"}, is_error=True)


def view(data: Mapping[str, Any], page: Page) -> None:
    page.line(f"count {data['count']}")


def watched(answers: Sequence[Answer], *, as_json: bool = False) -> list[float]:
    """Watches so many answers; returns how long it waited after each."""
    waited: list[float] = []
    coming = iter(answers)

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == len(answers):
            raise Over

    async def ask(arguments: Mapping[str, Any]) -> Answer:
        assert arguments == {"function_name": "orders"}
        return next(coming)

    def now() -> datetime:
        return datetime(2026, 11, 22, 17, 30, len(waited), tzinfo=UTC)

    watch = Watch(view, as_json=as_json, every_s=30, sleep=sleep, now=now)
    with pytest.raises(Over):
        anyio.run(watch.run, ask, {"function_name": "orders"})
    return waited


def test_into_a_pipe_each_answer_follows_the_one_before_and_what_holds_for_all_is_said_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert watched([answer(1, "lags"), answer(2, "lags", "new"), answer(3)]) == [30, 30, 30]
    printed = capsys.readouterr()
    assert printed.out == "count 1\n\ncount 2\n\ncount 3\n\n"
    assert printed.err == "lags\nnew\n"


def test_an_error_after_the_first_answer_is_told_each_time_and_the_watch_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watched([answer(1), ERROR, ERROR, answer(4)])
    printed = capsys.readouterr()
    assert printed.out == "count 1\n\ncount 4\n\n"
    assert printed.err == "throttled: try again\n" * 2


def test_a_program_gets_a_document_per_line_errors_too(capsys: pytest.CaptureFixture[str]) -> None:
    watched([answer(1, "lags"), ERROR], as_json=True)
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [{"count": 1, "notes": ["lags"]}, {"outcome": "throttled"}]


@pytest.mark.parametrize(("as_json", "out"), [(False, ""), (True, '{"outcome": "throttled"}\n')])
def test_an_error_at_first_ends_it_with_code_1(as_json: bool, out: str, capsys: pytest.CaptureFixture[str]) -> None:
    async def ask(arguments: Mapping[str, Any]) -> Answer:
        return ERROR

    async def sleep(seconds: float) -> None:
        raise AssertionError("it must not wait")

    watch = Watch(view, as_json=as_json, every_s=30, sleep=sleep)
    assert anyio.run(watch.run, ask, dict[str, Any]()) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (out, "throttled: try again\n")


class Terminal(io.StringIO):
    """A terminal that notes what it is sent."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Makes stdout a terminal of 70 by 10 characters. No fixture: pytest takes stdout back when a test begins."""
    for name, value in (("TERM", "xterm"), ("COLUMNS", "70"), ("LINES", "10")):
        monkeypatch.setenv(name, value)
    shown = Terminal()
    monkeypatch.setattr(sys, "stdout", shown)
    return shown


def test_on_a_terminal_each_answer_is_written_over_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cleared first, the screen would flicker; without clearing the rest of a line, an older one would show through."""
    terminal = on_terminal(monkeypatch)
    watched([answer(10, "lags"), answer(2)])
    first, second = terminal.getvalue().split("\x1b[H")[1:]
    assert terminal.getvalue().startswith("\x1b[2J\x1b[H")
    assert first.split("\x1b[K\n") == [
        "Asked at 2026-11-22 17:30:00 UTC, again every 30 s; Ctrl-C ends",
        "count 10",
        "lags",
        "\x1b[J",
    ]
    assert second.split("\x1b[K\n") == [
        "Asked at 2026-11-22 17:30:01 UTC, again every 30 s; Ctrl-C ends",
        "count 2",
        "\x1b[J",
    ]


def test_on_a_terminal_an_error_stands_below_the_last_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    watched([answer(1), ERROR])
    assert terminal.getvalue().split("\x1b[H")[2].split("\x1b[K\n")[:-1] == [
        "Asked at 2026-11-22 17:30:00 UTC, again every 30 s; Ctrl-C ends",
        "count 1",
        "No newer answer at 2026-11-22 17:30:01 UTC:",
        "throttled: try again",
    ]


def test_what_is_too_long_for_the_screen_is_counted() -> None:
    """Scrolled, the next drawing would begin in the middle of this one."""
    body = "".join(f"line {number}\n" for number in range(20))
    lines = screen_of(Surface(width=40, height=10), "top", body, ["a note", "x" * 50])
    hidden = "(16 more lines: make the window taller)"
    assert lines == ["top", *(f"line {n}" for n in range(4)), hidden, "a note", "x" * 40, "x" * 10]
    assert len(lines) == 9

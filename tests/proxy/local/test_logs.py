"""Journals stay within bounds; pipes keep order and bytes whatever the chunks."""

import os

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdascope_proxy.local.logs import MAX_EVENT_BYTES, TAIL_BYTES, Journal, LogEvent, LogPipe, LogStream


def event(message: str, group: str = "g") -> LogEvent:
    return LogEvent(timestamp_ms=0, group=group, stream="s", message=message)


@settings(deadline=None)
@given(sizes=st.lists(st.integers(0, 900), max_size=40))
def test_a_journal_keeps_the_newest_events_within_its_bytes(sizes: list[int]) -> None:
    journal = Journal(max_bytes=3000)
    added = [event(f"{number}".ljust(size)) for number, size in enumerate(sizes)]
    for each in added:
        journal.add_event(each)
    kept = journal.events()
    assert kept == added[len(added) - len(kept) :]
    assert sum(200 + len(each.message) for each in kept) <= 3000
    if len(kept) < len(added):
        assert sum(200 + len(each.message) for each in added[-len(kept) - 1 :]) > 3000


def test_events_are_found_by_log_group() -> None:
    journal = Journal()
    journal.add_event(event("a", "one"))
    journal.add_event(event("b", "two"))
    assert [each.message for each in journal.events("two")] == ["b"]


def test_an_event_keeps_its_number_and_a_group_outlives_its_events() -> None:
    """Catches page tokens and pointers that come to mean another event."""
    journal = Journal(max_bytes=450)
    journal.add_event(LogEvent(timestamp_ms=7, group="one", stream="s", message="a"))
    for message in "bcd":
        journal.add_event(LogEvent(timestamp_ms=9, group="two", stream="s", message=message))
    assert journal.kept("one") == []
    assert [(kept.number, kept.event.message) for kept in journal.kept("two")] == [(2, "c"), (3, "d")]
    assert journal.groups() == {"one": 7, "two": 9}


@settings(deadline=None, max_examples=50)
@given(
    written=st.lists(st.binary(max_size=60).map(lambda raw: raw.replace(b"\r", b"")), max_size=12),
    repeat=st.integers(1, 3),
)
def test_what_is_written_to_a_pipe_comes_out_line_by_line(written: list[bytes], repeat: int) -> None:
    """Catches a lost or doubled line, or a marker that shows, at any cut between two writes and two drains."""
    lines: list[bytes] = []
    pipe = LogPipe(lines.append)
    expected: list[bytes] = []
    for _ in range(repeat):
        for chunk in written:
            os.write(pipe.write_fd, chunk)
        pipe.drain()
        whole = b"".join(written)
        expected += whole.split(b"\n") if whole else []
        if whole.endswith(b"\n"):
            expected.pop()
        assert lines == expected
    pipe.close()


def test_a_line_without_end_is_cut_into_events() -> None:
    lines: list[bytes] = []
    pipe = LogPipe(lines.append)
    for _ in range(10):
        os.write(pipe.write_fd, b"x" * 100_000)
    pipe.close()
    assert b"".join(lines) == b"x" * 1_000_000
    assert max(map(len, lines)) <= MAX_EVENT_BYTES + 70_000


def test_a_carriage_return_keeps_lines_in_one_event() -> None:
    lines: list[bytes] = []
    pipe = LogPipe(lines.append)
    os.write(pipe.write_fd, b"one\rtwo\r\nthree\n")
    pipe.close()
    assert lines == [b"one\ntwo", b"three"]


@settings(deadline=None)
@given(lines=st.lists(st.binary(max_size=2000), max_size=8))
@example(lines=[b"first", b"x" * 5000, b"last"])
def test_the_tail_is_the_end_of_what_was_written_since_it_was_taken(lines: list[bytes]) -> None:
    stream = LogStream(Journal(), "g", "s")
    stream.write("before")
    stream.take_tail()
    for line in lines:
        stream.write(line)
    assert stream.take_tail() == b"".join(line + b"\n" for line in lines)[-TAIL_BYTES:]
    assert stream.take_tail() == b""

"""`lambdascope history info`: what the history holds, how it is doing, and what to do where it is not well."""

import argparse
import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.commands.history.place import opened, parser_of
from lambdascope_proxy.views.figures import counted

if TYPE_CHECKING:
    from lambdascope_analytics.store.summary import Compaction, Files, Spool, Summary

Line = tuple[str, str, str]


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser_of(subparsers, "info", "show what the history holds and how it is doing").set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what can be told; what cannot is named. Raises: SettingsError, HistoryError."""
    _, directory = opened(arguments)
    from lambdascope_analytics.store.summary import summarize
    from lambdascope_proxy.printing import print_json, print_table

    with _warnings() as said:
        summary = summarize(directory, datetime.now(UTC))
    # What had to be left out or set aside on the way is told by log lines only.
    summary = replace(summary, faults=(*summary.faults, *said))
    if arguments.json:
        print_json(asdict(summary))
    else:
        print_table("lambdascope history", ["what", "found", "what to do"], list(_lines(summary)))
    return 0


@contextmanager
def _warnings() -> Generator[list[str]]:
    """Collects what the analysis warns of, instead of writing it to stderr."""
    said: list[str] = []
    logger, handler = logging.getLogger("lambdascope_analytics"), logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield said
    finally:
        logger.propagate = True
        logger.removeHandler(handler)


def _lines(summary: "Summary") -> Iterator[Line]:
    yield "directory", str(summary.directory), ""
    yield from _calls(summary)
    yield "segments, settled", _files(summary.settled), ""
    yield "segments, open", _files(summary.open), ""
    yield from _spools(summary)
    yield "amendments that wait", _files(summary.amendments), ""
    yield from _compaction(summary)
    yield from _requests(summary)
    yield from _lake(summary)
    yield from _losses(summary)
    yield from _surroundings(summary)
    for fault in summary.faults:
        yield "fault", fault, "mend what it names; the rest is shown"


def _calls(summary: "Summary") -> Iterator[Line]:
    calls = summary.calls
    if calls is None:
        yield "calls", "unknown", "see the faults"
        return
    yield "calls", f"{calls.rows:,} on {counted(calls.days, 'day')}", ""
    if calls.oldest and calls.newest:
        yield "from, to", f"{calls.oldest:%Y-%m-%d %H:%M:%S} to {calls.newest:%Y-%m-%d %H:%M:%S} UTC", ""
    if calls.in_future:
        step = "check the clocks of the hosts; retention counts from the newest day"
        yield "calls dated in the future", f"{calls.in_future:,}", step


def _spools(summary: "Summary") -> Iterator[Line]:
    if summary.spools is None:
        yield "spools", "unknown", "see the faults"
        return
    live = [spool for spool in summary.spools if spool.is_live]
    closed = [spool for spool in summary.spools if not spool.is_live]
    yield "spools being written", _described(live), ""
    yield "spools closed", _described(closed), ""
    if summary.hidden:
        yield "files that readers pass over", ", ".join(f"{n} {state}" for state, n in summary.hidden.items()), ""


def _described(spools: "list[Spool]") -> str:
    writers = sorted({f"{spool.host} pid {spool.pid}" for spool in spools})
    size = sum(spool.size for spool in spools)
    return f"{len(spools)}, {_bytes(size)}" + (f" ({', '.join(writers)})" if writers else "")


def _compaction(summary: "Summary") -> Iterator[Line]:
    last: Compaction | None = summary.compaction
    if last is None:
        return
    when = f"{last.ended_at:%Y-%m-%d %H:%M:%S} UTC" if last.ended_at else "never"
    yield "last compaction", when + (", one is under way" if last.is_under_way else ""), ""
    if last.error:
        yield "its error", last.error, "nothing is lost and it is tried again; `lambdascope history compact` tries now"


def _requests(summary: "Summary") -> Iterator[Line]:
    for request, waits_for in (summary.forgetting or {}).items():
        step = "met by compaction once these are closed" if waits_for else "met by the next compaction"
        yield f"request to forget {request}", ", ".join(waits_for) or "waits for no spool", step


def _lake(summary: "Summary") -> Iterator[Line]:
    lake = summary.lake
    if lake is None or not (lake.waiting_files or lake.foreign_files or lake.last_run.location):
        return
    yield "waiting for upload", f"{lake.waiting_files}, {_bytes(lake.waiting_bytes)}", ""
    if lake.last_run.error:
        yield "last upload", lake.last_run.error, "what is left stays and is tried again"
    if lake.foreign_files:
        yield "foreign files in the outbox", str(lake.foreign_files), "move them away: they are not uploaded"


def _losses(summary: "Summary") -> Iterator[Line]:
    if summary.dropped:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in summary.dropped.items())
        yield "calls not recorded", reasons, "make room or make the directory writable; what was dropped is lost"
    if summary.set_aside:
        names = ", ".join(summary.set_aside[:10]) + (", ..." if len(summary.set_aside) > 10 else "")
        step = f"look at them in {summary.directory / 'set-aside'}; once nothing in them is missed, delete them"
        yield "files set aside", f"{len(summary.set_aside)}: {names}", step


def _surroundings(summary: "Summary") -> Iterator[Line]:
    if summary.other_hosts:
        step = "locks may not reach across hosts: better give each its directory, and share by LAMBDASCOPE_HISTORY_S3"
        yield "other hosts that write here", ", ".join(summary.other_hosts), step
    if summary.newer_format is not None:
        step = "upgrade lambdascope to maintain it; until then it is only read"
        yield "format", f"{summary.newer_format}, of a newer version", step
    if summary.free_bytes is not None:
        yield "free on the disk", _bytes(summary.free_bytes), ""


def _files(files: "Files | None") -> str:
    return "unknown" if files is None else f"{files.count:,}, {_bytes(files.size)}"


def _bytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 10**9 else f"{size / 1e6:,.1f} MB" if size >= 10**6 else f"{size:,} bytes"

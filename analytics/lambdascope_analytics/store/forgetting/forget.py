"""Forgetting calls on request: what can go goes at once, what is still being written goes once it can."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.directories import KEEP, SEGMENTS, SPOOL
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.forgetting.request import ForgetRequest, add_request, awaited, spools_now
from lambdascope_analytics.store.prepare import check_format
from lambdascope_analytics.store.spools import open_spools, scan_spools

_WAIT_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """How many calls match a request, and how many of them lie in spools that processes are writing."""

    rows: int
    in_live_spools: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What became of a request: rows that are gone, from the history and from files beside it, and rows that wait.

    `waits_for` are the spools with or without such rows that were being written; the request stands until they are
    compacted. `is_busy` says that another process compacts, and meets the request later.
    """

    rows: int
    elsewhere: int
    waiting_rows: int
    waits_for: tuple[str, ...]
    is_busy: bool


def count_matches(directory: Path, request: ForgetRequest) -> Matches:
    """Count what a request would forget.

    Raises:
        HistoryError: there is no history, or it cannot be read.
    """
    directory = directory.resolve()
    _check_history(directory)
    live = [directory / SPOOL / KEEP, *open_spools(directory)]
    with open_history(directory) as history:
        (found,) = history.query(f"SELECT count(*) AS rows FROM calls WHERE {request.condition()}")
        (waiting,) = history.query(f"SELECT count(*) AS rows FROM {scan_spools(live)} WHERE {request.condition()}")
    return Matches(rows=found["rows"], in_live_spools=waiting["rows"])


def forget(directory: Path, request: ForgetRequest, options: UpkeepOptions, *, wait_s: float = _WAIT_S) -> Forgotten:
    """Forget the calls that `request` matches, wherever this history keeps something of them; durable at each step.

    Raises:
        HistoryError: it cannot be done now; the request stands, and the next compaction tries again.
        OSError: the request cannot be kept; nothing was done.
    """
    directory = directory.resolve()
    _check_history(directory)
    check_format(directory)
    standing = replace(request, waits_for=tuple(spools_now(directory)))
    add_request(directory, standing)
    report = compact(directory, options, everything=True, wait_s=wait_s)
    return Forgotten(
        rows=report.forgotten if report else 0,
        elsewhere=report.forgotten_elsewhere if report else 0,
        waiting_rows=count_matches(directory, request).rows,
        waits_for=tuple(awaited(standing, spools_now(directory))),
        is_busy=report is None,
    )


def _check_history(directory: Path) -> None:
    if not any((directory / folder).is_dir() for folder in (SPOOL, SEGMENTS)):
        raise HistoryError(f"there is no history in {directory}")

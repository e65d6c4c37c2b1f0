"""What a history holds and how it is doing, for people who look after it: it shows what it can.

Whatever cannot be found out is named among the faults, and the rest is told all the same.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.directories import AMENDMENTS, DROPS, FORGET, OUTBOX, SEGMENTS, SET_ASIDE, SPOOL
from lambdascope_analytics.store.drops import dropped_rows
from lambdascope_analytics.store.due import STAMP
from lambdascope_analytics.store.forgetting.request import awaited, spools_now, standing_requests
from lambdascope_analytics.store.hidden import hidden_files
from lambdascope_analytics.store.lake.status import LakeStatus, lake_status
from lambdascope_analytics.store.locks import is_locked
from lambdascope_analytics.store.maintenance import LOCK
from lambdascope_analytics.store.prepare import newer_format
from lambdascope_analytics.store.segments import segments
from lambdascope_analytics.store.set_aside import files_set_aside
from lambdascope_analytics.store.spool_file import host_name
from lambdascope_analytics.store.spools import closed_spools, open_spools

T = TypeVar("T")

_FOLDERS: Final = (SPOOL, AMENDMENTS, SEGMENTS, OUTBOX, SET_ASIDE, DROPS, FORGET)
# Clocks of hosts differ by a little.
_FUTURE: Final = timedelta(minutes=5)
_WRITING_S: Final = 3600.0
_CALLS: Final = """
SELECT
    count(*) AS rows,
    min(started_at) AS oldest,
    max(started_at) AS newest,
    count(DISTINCT CAST(started_at AS DATE)) AS days,
    count(*) FILTER (WHERE started_at > $future_from) AS in_future
FROM calls
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The rows there are: how many, on how many days (UTC), from when to when, and how many dated in the future."""

    rows: int
    days: int
    oldest: datetime | None
    newest: datetime | None
    in_future: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spool:
    """Rows that are in no segment yet, and the process that wrote them; `is_live` if it still does."""

    name: str
    host: str
    pid: str
    is_live: bool
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Some files of one kind."""

    count: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """The last compaction: when it ended and what it met, None if all went well; and whether one is under way."""

    ended_at: datetime | None
    error: str | None
    is_under_way: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All there is to tell of one history; None is what could not be found out, and `faults` say why."""

    directory: Path
    newer_format: int | None
    calls: Calls | None
    settled: Files | None
    open: Files | None
    spools: tuple[Spool, ...] | None
    amendments: Files | None
    hidden: Mapping[str, int] | None
    forgetting: Mapping[str, tuple[str, ...]] | None
    lake: LakeStatus | None
    dropped: Mapping[str, int] | None
    set_aside: tuple[str, ...] | None
    other_hosts: tuple[str, ...] | None
    free_bytes: int | None
    compaction: Compaction | None
    faults: tuple[str, ...]


def summarize(directory: Path, now: datetime) -> Summary:
    """Tell what there is to tell of the history in `directory`, also if some of it is damaged or cannot be written.

    Raises:
        HistoryError: there is no history.
    """
    directory = directory.resolve()
    if not any((directory / folder).exists() for folder in (SPOOL, SEGMENTS)):
        raise HistoryError(f"there is no history in {directory}")
    look = _Look()
    # First, because what cannot be read may be set aside by it.
    calls = look.at("calls", lambda: _calls(directory, now))
    for folder in _FOLDERS:
        look.at(folder, lambda place=directory / folder: _list(place))
    spools = look.at("spools", lambda: _spools(directory))
    return Summary(
        directory=directory,
        newer_format=newer_format(directory),
        calls=calls,
        settled=look.at("segments", lambda: _segments(directory, are_open=False)),
        open=look.at("segments", lambda: _segments(directory, are_open=True)),
        spools=spools,
        amendments=look.at("amendments", lambda: _amendments(directory)),
        hidden=look.at("hidden files", lambda: Counter(entry.state for entry in hidden_files(directory))),
        forgetting=look.at("requests to forget", lambda: _forgetting(directory)),
        lake=look.at("uploads", lambda: lake_status(directory)),
        dropped=look.at("dropped rows", lambda: _dropped(directory)),
        set_aside=look.at("files set aside", lambda: tuple(path.name for path in files_set_aside(directory))),
        other_hosts=None if spools is None else _other_hosts(directory, spools),
        free_bytes=look.at("disk", lambda: shutil.disk_usage(directory).free),
        compaction=look.at("compaction", lambda: _compaction(directory)),
        faults=tuple(dict.fromkeys(look.faults)),
    )


class _Look:
    """Looks at one thing after another; what goes wrong is noted, and the next is looked at."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def at(self, what: str, look: Callable[[], T]) -> T | None:
        try:
            return look()
        except (OSError, HistoryError, ValueError, LookupError, TypeError) as error:
            self.faults.append(f"{what}: {error}")
            return None


def _list(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


def _calls(directory: Path, now: datetime) -> Calls:
    with open_history(directory) as history:
        (found,) = history.query(_CALLS, {"future_from": now + _FUTURE})
    return Calls(**found)


def _segments(directory: Path, *, are_open: bool) -> Files:
    sizes = [segment.size for segment in segments(directory) if segment.is_open == are_open]
    return Files(count=len(sizes), size=sum(sizes))


def _spools(directory: Path) -> tuple[Spool, ...]:
    waiting = set(spools_now(directory))
    live = [path for path in open_spools(directory) if path.name in waiting]
    found = [*((path, True) for path in live), *((path, False) for path in closed_spools(directory))]
    return tuple(_spool(path, is_live=is_live) for path, is_live in sorted(found))


def _spool(path: Path, *, is_live: bool) -> Spool:
    host, pid, *_ = [*path.name.split("-"), ""]
    return Spool(name=path.name, host=host, pid=pid, is_live=is_live, size=_size(path))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _amendments(directory: Path) -> Files:
    found = [*closed_spools(directory, AMENDMENTS), *open_spools(directory, AMENDMENTS)]
    return Files(count=len(found), size=sum(_size(path) for path in found))


def _forgetting(directory: Path) -> dict[str, tuple[str, ...]]:
    """The standing requests by the key they go by, never by what is to be forgotten, with the spools they wait for."""
    present = spools_now(directory)
    return {
        f"{path.stem} (by {request.key})": tuple(awaited(request, present))
        for path, request in standing_requests(directory).items()
    }


def _dropped(directory: Path) -> dict[str, int]:
    total: Counter[str] = Counter()
    for entry in dropped_rows(directory):
        total.update(entry.reasons)
    return dict(total)


def _other_hosts(directory: Path, spools: tuple[Spool, ...]) -> tuple[str, ...]:
    """The other hosts that wrote lately, as two can on a network share."""
    hosts = {spool.host for spool in spools if spool.is_live or _is_young(directory / SPOOL / spool.name)}
    return tuple(sorted(hosts - {host_name()}))


def _is_young(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < _WRITING_S
    except FileNotFoundError:
        return False


def _compaction(directory: Path) -> Compaction:
    try:
        last: dict[str, Any] = json.loads((directory / STAMP).read_text(encoding="utf-8"))
    except FileNotFoundError:
        last = {}
    ended_at = last.get("ended_at")
    return Compaction(
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
        error=last.get("error"),
        is_under_way=is_locked(directory / LOCK),
    )

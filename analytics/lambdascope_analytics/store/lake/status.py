"""How the lake is doing: what waits, since when, and what the last uploader met; kept in `lake.json`."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.store.durable import write_durably
from lambdascope_analytics.store.lake.outbox import foreign_files, waiting_files

_log: Final = logging.getLogger(__name__)
_FILE: Final = "lake.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """What uploaders left behind; an error that a later one did not meet again is gone."""

    location: str | None = None
    succeeded_at: datetime | None = None
    error: str | None = None
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeStatus:
    """What waits in the outbox, what lies there and has no name of ours, and the last run."""

    waiting_files: int
    waiting_bytes: int
    oldest_waiting_at: datetime | None
    foreign_files: int
    last_run: LastRun


def lake_status(directory: Path) -> LakeStatus:
    """Return how the lake of the history in `directory` is doing; imports nothing heavy and asks nothing of S3.

    Raises:
        OSError: the outbox cannot be read.
    """
    waiting = waiting_files(directory)
    return LakeStatus(
        waiting_files=len(waiting),
        waiting_bytes=sum(file.size for file in waiting),
        oldest_waiting_at=min((file.written_at for file in waiting), default=None),
        foreign_files=len(foreign_files(directory)),
        last_run=read_last_run(directory),
    )


def read_last_run(directory: Path) -> LastRun:
    """Return what the last uploader wrote down; all unknown if none did or it cannot be read."""
    try:
        document: dict[str, Any] = json.loads((directory / _FILE).read_text(encoding="utf-8"))
        return LastRun(
            location=document["location"],
            succeeded_at=_read_time(document["succeeded_at"]),
            error=document["error"],
            failed_at=_read_time(document["failed_at"]),
        )
    except FileNotFoundError:
        return LastRun()
    except (OSError, ValueError, LookupError, TypeError) as error:
        _log.warning("cannot read how the last upload went from %s: %s", directory / _FILE, error)
        return LastRun()


def write_last_run(directory: Path, run: LastRun) -> None:
    """Replace what is written down.

    Raises:
        OSError: it cannot be written.
    """
    document = {
        "location": run.location,
        "succeeded_at": _time(run.succeeded_at),
        "error": run.error,
        "failed_at": _time(run.failed_at),
    }
    write_durably(directory / _FILE, json.dumps(document))


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _read_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

"""Requests to forget: which calls, and for which spools one still stands; each a file, 0600, until it is done."""

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from lambdascope_analytics.store.directories import FORGET, KEEP, SPOOL, make_private
from lambdascope_analytics.store.durable import sync, write_durably
from lambdascope_analytics.store.hidden import hidden_files
from lambdascope_analytics.store.set_aside import SALVAGED
from lambdascope_analytics.store.views import literal

_log: Final = logging.getLogger(__name__)

# A Lambda function runs for 15 minutes at most; with the queue before the disk and a margin.
_LONGEST_CALL: Final = timedelta(minutes=30)

Key = Literal["session_id", "principal", "call_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRequest:
    """Forget the calls whose `key` is one of `values` and that began from `since` on and before `before`.

    It stands until the spools that `waits_for` names have become segments, and until calls that were in flight when it
    was made are recorded.
    """

    key: Key
    values: tuple[str, ...]
    before: datetime
    since: datetime | None = None
    waits_for: tuple[str, ...] = ()
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        """Refuse what would match nothing. Raises: ValueError."""
        if not self.values or not all(self.values):
            raise ValueError(f"name at least one {self.key}, and no empty one")
        if self.key == "call_id":
            for value in self.values:
                _check_uuid(value)

    def condition(self) -> str:
        """Return the SQL that is true for a row to forget."""
        kind = "UUID " if self.key == "call_id" else ""
        values = ", ".join(f"{kind}{literal(value)}" for value in self.values)
        began = f"started_at < TIMESTAMPTZ {literal(self.before.astimezone(UTC).isoformat())}"
        if self.since is not None:
            began += f" AND started_at >= TIMESTAMPTZ {literal(self.since.astimezone(UTC).isoformat())}"
        return f"({self.key} IN ({values}) AND {began})"

    def may_concern(self, day: date) -> bool:
        """Whether a row of that day (UTC) can match."""
        earliest = self.since.astimezone(UTC).date() if self.since else date.min
        return earliest <= day <= self.before.astimezone(UTC).date()


def condition_of(requests: Iterable[ForgetRequest]) -> str:
    """Return the SQL that is true for a row that any of the requests matches."""
    return "(" + " OR ".join(request.condition() for request in requests) + ")"


def add_request(directory: Path, request: ForgetRequest) -> Path:
    """Keep a request, durably; every compaction from now on applies it.

    Raises:
        OSError: it cannot be written.
    """
    make_private(directory / FORGET)
    path = directory / FORGET / f"{os.urandom(8).hex()}.json"
    write_durably(path, json.dumps({"format": 1, **asdict(request)}, default=datetime.isoformat))
    return path


def standing_requests(directory: Path) -> dict[Path, ForgetRequest]:
    """Return the requests that stand, by their files."""
    found = {path: _read(path) for path in sorted((directory / FORGET).glob("*.json"))}
    return {path: request for path, request in found.items() if request is not None}


def remove_done(directory: Path) -> None:
    """Remove the requests whose spools are all compacted; for who has just applied them."""
    present = set(spools_now(directory))
    earliest = datetime.now(UTC) - _LONGEST_CALL
    for path, request in standing_requests(directory).items():
        if not awaited(request, present) and request.made_at < earliest:
            path.unlink()
            sync(path.parent)


def awaited(request: ForgetRequest, present: Iterable[str]) -> list[str]:
    """Return which of these spools a request waits for."""
    names = {*request.waits_for, *(f"{name.removesuffix('.jsonl')}{SALVAGED}.jsonl" for name in request.waits_for)}
    return sorted(names.intersection(present))


def spools_now(directory: Path) -> list[str]:
    """Return the names of all spools whose rows are in no segment yet."""
    hidden = {entry.file for entry in hidden_files(directory)}
    names = (path.name for path in (directory / SPOOL).glob("*.jsonl") if path.name != KEEP)
    return sorted(name for name in names if f"{SPOOL}/{name}" not in hidden)


def _read(path: Path) -> ForgetRequest | None:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        since = document["since"]
        return ForgetRequest(
            key=document["key"],
            values=tuple(document["values"]),
            before=datetime.fromisoformat(document["before"]),
            since=datetime.fromisoformat(since) if since else None,
            waits_for=tuple(document["waits_for"]),
            made_at=datetime.fromisoformat(document["made_at"]),
        )
    except (OSError, ValueError, LookupError, TypeError) as error:
        _log.warning("the request to forget in %s cannot be read and is not met; make it again: %s", path, error)
        return None


def _check_uuid(value: str) -> None:
    try:
        UUID(value)
    except ValueError:
        raise ValueError(f"{value!r} is no call id: they look like 01935a2b-7c00-7000-8000-000000000001") from None

"""How many rows each writer had to drop: kept beside the history, or under the temporary directory if that fails."""

import hashlib
import json
import logging
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.store.directories import DROPS, make_private
from lambdascope_analytics.store.durable import write_durably

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedRows:
    """The rows one writer dropped since it started, by reason."""

    writer: str
    reasons: Mapping[str, int]
    updated_at: datetime

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.reasons.values())


class DropLedger:
    """Writes one writer's counts where `dropped_rows` finds them, also from another process."""

    def __init__(self, directory: Path, writer: str) -> None:
        self._directory = directory
        self._writer = writer

    def record(self, reasons: Mapping[str, int], *, at: datetime) -> None:
        """Replace the writer's counts.

        Raises:
            OSError: neither place can be written.
        """
        text = json.dumps({"writer": self._writer, "updated_at": at.isoformat(), "reasons": dict(reasons)})
        name = f"{self._writer}.json"
        try:
            make_private(self._directory / DROPS)
            write_durably(self._directory / DROPS / name, text)
        except OSError:
            place = _fallback(self._directory)
            make_private(place)
            _check_ours_alone(place)
            write_durably(place / name, text)
        else:
            with suppress(OSError):
                (_fallback(self._directory) / name).unlink(missing_ok=True)


def dropped_rows(directory: Path) -> list[DroppedRows]:
    """Return what the writers of this history dropped, one entry per writer, sorted by writer."""
    latest: dict[str, DroppedRows] = {}
    for entry in (*_entries(directory / DROPS), *_fallback_entries(directory)):
        known = latest.get(entry.writer)
        # Counts only grow: the larger one is the later one.
        if known is None or entry.total > known.total:
            latest[entry.writer] = entry
    return [latest[writer] for writer in sorted(latest)]


def _entries(place: Path) -> Iterator[DroppedRows]:
    for path in sorted(place.glob("*.json")):
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            yield DroppedRows(
                writer=document["writer"],
                reasons={str(reason): int(count) for reason, count in document["reasons"].items()},
                updated_at=datetime.fromisoformat(document["updated_at"]).astimezone(UTC),
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            _log.warning("cannot read the drop counts in %s: %s", path, error)


def _fallback(directory: Path) -> Path:
    import tempfile  # not needed until something was dropped, and slow to import

    digest = hashlib.sha256(os.fsencode(directory.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"lambdascope-{os.getuid()}" / digest


def _fallback_entries(directory: Path) -> Iterator[DroppedRows]:
    place = _fallback(directory)
    if place.exists():
        try:
            _check_ours_alone(place)
        except PermissionError as error:
            _log.warning("drop counts under the temporary directory are not read: %s", error)
        else:
            yield from _entries(place)


def _check_ours_alone(directory: Path) -> None:
    for level in (directory.parent, directory):
        found = level.lstat()
        # The temporary directory is everybody's: another user may have put the name there first.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(f"{level} is not a directory of ours alone")

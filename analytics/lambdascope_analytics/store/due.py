"""Whether a history has something to compact: told from names, sizes and times, without DuckDB."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.directories import AMENDMENTS, FORGET
from lambdascope_analytics.store.locks import is_locked
from lambdascope_analytics.store.maintenance import LOCK, other_host
from lambdascope_analytics.store.prepare import VERSION, is_prepared, newer_format
from lambdascope_analytics.store.spools import closed_spools

STAMP: Final = "compact.stamp"

_BYTES: Final = 8 << 20
_FILES: Final = 64
_AMENDMENT_BYTES: Final = 1 << 20
# A compaction also merges and removes what is expired, which no new row announces.
_ROUTINE_S: Final = 86_400.0
_PREPARE_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepOptions:
    """How a history is kept: days and bytes to keep (None: all), the age in seconds at which rows become segments.

    `uploads` says whether segments also go to S3.
    """

    keep_days: int | None = None
    keep_bytes: int | None = None
    interval_s: float = 3600.0
    uploads: bool = False


def is_due(directory: Path, options: UpkeepOptions) -> bool:
    """Whether a compaction (which also prepares the directory) would find work, and nobody is at it already.

    Raises:
        OSError: the directory cannot be read.
    """
    if is_locked(directory / LOCK) or other_host(directory) or newer_format(directory) is not None:
        return False
    age_s = due_age_s(directory, options)
    return bool(
        _wants_preparing(directory)
        or due_spools(directory, age_s)
        or due_amendments(directory, age_s)
        or _age_s(directory / STAMP) >= _ROUTINE_S
    )


def _wants_preparing(directory: Path) -> bool:
    # Two processes may want it differently, each by its own path or version: then not at every look.
    version = directory / VERSION
    return not is_prepared(directory) and (not version.exists() or _age_s(version) >= _PREPARE_S)


def due_age_s(directory: Path, options: UpkeepOptions) -> float:
    """Return the age in seconds at which closed spools are due: none, while a request to forget waits for them."""
    return 0.0 if any((directory / FORGET).glob("*.json")) else options.interval_s


def due_spools(directory: Path, interval_s: float) -> list[Path]:
    """Return the closed spools if they are many, large or old enough to be worth a compaction."""
    return _worth(closed_spools(directory), _BYTES, interval_s)


def due_amendments(directory: Path, interval_s: float) -> list[Path]:
    """Return the closed files of amendments if they are many, large or old enough."""
    return _worth(closed_spools(directory, AMENDMENTS), _AMENDMENT_BYTES, interval_s)


def _worth(paths: list[Path], size: int, age_s: float) -> list[Path]:
    is_worth = (
        len(paths) >= _FILES
        or sum(_size(path) for path in paths) >= size
        or max((_age_s(path) for path in paths), default=-1.0) >= age_s
    )
    return paths if is_worth else []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _age_s(path: Path) -> float:
    try:
        # A clock that was put back makes a file young; it will be old again.
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0

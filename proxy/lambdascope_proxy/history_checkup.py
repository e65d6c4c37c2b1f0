"""The checks behind `doctor` of the history: can it be written, is it kept up, does the lake get its share."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lambdascope_analytics.store.drops import dropped_rows
from lambdascope_analytics.store.due import STAMP
from lambdascope_analytics.store.lake.status import lake_status
from lambdascope_analytics.store.prepare import newer_format
from lambdascope_analytics.store.set_aside import files_set_aside
from lambdascope_proxy.finding import Finding
from lambdascope_proxy.settings import Settings

INFO = "`lambdascope history info` tells more."


def examine_history(directory: Path, settings: Settings) -> Iterator[Finding]:
    """What there is to find; quick, whatever the history holds."""
    yield _place(directory)
    yield _dropped(directory)
    if directory.is_dir():
        yield _kept_up(directory)
    if settings.history_s3:
        yield _lake(directory, settings.history_s3)


def _place(directory: Path) -> Finding:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        step = "Calls work but are not recorded: make the directory writable or set LAMBDASCOPE_HISTORY_DIR."
        return Finding(subject="history", status="warn", detail=f"{directory}: {error}", next_step=step)
    return Finding(subject="history", status="ok", detail=str(directory))


def _dropped(directory: Path) -> Finding:
    dropped = dropped_rows(directory)
    if not dropped:
        return Finding(subject="dropped rows", status="ok", detail="none")
    count = sum(drop.total for drop in dropped)
    step = "Make room or make the directory writable; what was dropped is lost."
    return Finding(subject="dropped rows", status="warn", detail=f"{count} calls were not recorded", next_step=step)


def _kept_up(directory: Path) -> Finding:
    subject = "history upkeep"
    if (number := newer_format(directory)) is not None:
        detail = f"written by a newer lambdascope (format {number}): it is read, and not compacted"
        return Finding(subject=subject, status="warn", detail=detail, next_step="Upgrade lambdascope.")
    if error := _last_error(directory):
        return Finding(subject=subject, status="warn", detail=f"the last compaction failed: {error}", next_step=INFO)
    if aside := files_set_aside(directory):
        detail = f"{len(aside)} files could not be read and are set aside"
        return Finding(subject=subject, status="warn", detail=detail, next_step=INFO)
    return Finding(subject=subject, status="ok", detail="nothing failed or was set aside")


def _last_error(directory: Path) -> str | None:
    try:
        return json.loads((directory / STAMP).read_text(encoding="utf-8"))["error"]
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _lake(directory: Path, location: str) -> Finding:
    status = lake_status(directory)
    waiting = f"{status.waiting_files} files ({status.waiting_bytes / 1e6:.1f} MB) wait for {location}"
    if status.last_run.error:
        detail = f"{waiting}; the last upload failed: {status.last_run.error}"
        return Finding(subject="lake", status="warn", detail=detail, next_step="What waits stays, and is tried again.")
    return Finding(subject="lake", status="ok", detail=waiting)

"""How files of the history are exchanged for others: a reader sees all of the old ones or all of the new ones.

    1. the new files are put on the hidden list as pending, then moved into place
    2. a moment passes, so that every query that reads the list from now on has seen the new files
    3. the list is replaced: the new files are off it, the old ones are on it as superseded    <- the commit
    4. once queries that began before are over, the old files are removed, then taken off the list

A process killed anywhere leaves a state that `recover` finishes or takes back. The caller holds the compaction lock.
"""

import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.directories import OUTBOX, SEGMENTS, SPOOL, make_private
from lambdascope_analytics.store.durable import move_durably, sync
from lambdascope_analytics.store.hidden import HiddenFile, hidden_files, replace_hidden
from lambdascope_analytics.store.rollup_files import rollup_of

# Longer than a query needs from looking for its files to reading the list.
BIND_S: Final = 1.0
# Longer than most queries take. A spool goes early, because it is parsed by every query while it is there.
SPOOL_GRACE: Final = timedelta(seconds=5)
SEGMENT_GRACE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that waits to be put in place: where it is now, its path within the history, and whether S3 gets it."""

    source: Path
    file: str
    is_uploaded: bool = False


def outbox_name(file: str) -> str:
    """Return the second name under which a segment waits for its upload; other files wait under their own."""
    return f"{OUTBOX}/calls/{file.removeprefix(f'{SEGMENTS}/')}" if file.startswith(f"{SEGMENTS}/") else file


def publish(directory: Path, new: Sequence[NewFile], superseded: Collection[str], *, bind_s: float = BIND_S) -> None:
    """Exchange the `superseded` files for the `new` ones.

    Raises:
        OSError: not all could be done; nothing has changed for readers.
    """
    before = hidden_files(directory)
    if new:
        try:
            _put_pending(directory, before, new)
        except OSError:
            recover(directory)
            raise
        time.sleep(bind_s)
    gone = [HiddenFile(file=file, state="superseded", since=datetime.now(UTC)) for file in superseded]
    replace_hidden(directory, [*before, *gone])


def recover(directory: Path) -> None:
    """Take back what a killed process had put in place and not committed."""
    entries = hidden_files(directory)
    if not any(entry.state == "pending" for entry in entries):
        return
    for entry in entries:
        if entry.state == "pending":
            (directory / entry.file).unlink(missing_ok=True)
            (directory / outbox_name(entry.file)).unlink(missing_ok=True)
    replace_hidden(directory, [entry for entry in entries if entry.state != "pending"])


def sweep(directory: Path, *, segment_grace: timedelta = SEGMENT_GRACE) -> timedelta | None:
    """Remove superseded files that no query reads any more; return after how long the next spool is due, if any."""
    now = datetime.now(UTC)
    kept: list[HiddenFile] = []
    waits: list[timedelta] = []
    entries = hidden_files(directory)
    for entry in entries:
        grace = SPOOL_GRACE if entry.file.startswith(f"{SPOOL}/") else segment_grace
        age = now - entry.since
        # A clock that was put back must not keep a file for ever.
        if entry.state == "superseded" and not timedelta() <= age < grace:
            _remove_with_rollup(directory, entry.file)
        else:
            kept.append(entry)
            waits += [grace - age] if grace == SPOOL_GRACE else []
    if len(kept) != len(entries):
        replace_hidden(directory, kept)
    return min(waits, default=None)


def _put_pending(directory: Path, before: Sequence[HiddenFile], new: Sequence[NewFile]) -> None:
    now = datetime.now(UTC)
    replace_hidden(directory, [*before, *(HiddenFile(file=file.file, state="pending", since=now) for file in new)])
    for file in new:
        _put(directory, file)


def _put(directory: Path, file: NewFile) -> None:
    if file.is_uploaded:
        second = directory / outbox_name(file.file)
        make_private(second.parent)
        second.hardlink_to(file.source)
        sync(second.parent)
    move_durably(file.source, directory / file.file)


def _remove_with_rollup(directory: Path, file: str) -> None:
    # The rollup first: it must not outlive the rows it was made of.
    if file.startswith(f"{SEGMENTS}/"):
        _remove(directory / rollup_of(file))
    _remove(directory / file)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty, most of the time
        path.parent.rmdir()

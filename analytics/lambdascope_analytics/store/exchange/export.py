"""Export of calls: to a file, written aside and then put in place whole, or to a stream."""

import os
import shutil
import threading
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.history import History, open_history
from lambdascope_analytics.store.durable import sync
from lambdascope_analytics.store.exchange.formats import Format, copy_options, written
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.maintenance import LOCK
from lambdascope_analytics.store.row import COLUMN_NAMES
from lambdascope_analytics.store.views import literal

_WAIT_S: Final = 10.0
_PIPE_BYTES: Final = 1 << 20
# Rows pass through; by default DuckDB would keep as many of them as fit into most of the machine's memory.
_BOUND: Final = "SET memory_limit = '1GB'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which calls, and what of them: those that began from `since` on and before `until`, in these columns."""

    since: datetime | None = None
    until: datetime | None = None
    columns: Sequence[str] = COLUMN_NAMES

    def __post_init__(self) -> None:
        """Refuse columns that the history has not. Raises: ValueError."""
        for column in self.columns:
            if column not in COLUMN_NAMES:
                raise ValueError(f"{column!r} is no column of the history; it has {', '.join(COLUMN_NAMES)}")
        if not self.columns or len(set(self.columns)) != len(self.columns):
            raise ValueError("name at least one column, and each once")


def export_to_file(
    directory: Path, target: Path, file_format: Format, selection: Selection, *, replaces: bool = False
) -> int:
    """Write calls to a new file, private to its owner, and return how many; with `replaces` also over another file.

    Raises:
        FileExistsError: there is a file of that name already.
        OSError: the file cannot be made.
        HistoryError: the history cannot be read, or the disk refuses.
    """
    if not replaces and os.path.lexists(target):
        raise FileExistsError(f"{target} exists already")
    partial = target.with_name(f".{target.name}.{os.getpid()}.new")
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    try:
        with _opened(directory) as history:
            rows = _export_persistently(history, directory, _copy(partial, file_format, selection))
        sync(partial)
        _put_in_place(partial, target, replaces=replaces)
    finally:
        partial.unlink(missing_ok=True)
    return rows


def export_to_stream(directory: Path, stream: BinaryIO, file_format: Format, selection: Selection) -> int:
    """Write calls to a stream as they are read, and return how many.

    Raises:
        BrokenPipeError: whoever read the stream has left.
        HistoryError: the history cannot be read; a part may have been written.
    """
    # Without the lock: whoever reads the stream may pause for as long as they like.
    with _opened(directory) as history:
        # What is written cannot be taken back: so what would be repaired on the way is repaired before.
        history.query("SELECT count(*) FROM calls")
        with _pipe_into(stream) as pipe:
            return _rows_of(history.query_once(_copy(pipe, file_format, selection)))


def _opened(directory: Path) -> History:
    history = open_history(directory)
    history.query_once(_BOUND)
    return history


def _export_persistently(history: History, directory: Path, copy: str) -> int:
    try:
        with _undisturbed(directory):
            return _rows_of(history.query_once(copy))
    except HistoryError:
        return _rows_of(history.query(copy))  # repairs what it can, for which it needs the lock


def _rows_of(answer: list[dict[str, int]]) -> int:
    return answer[0]["Count"]


def _copy(target: Path, file_format: Format, selection: Selection) -> str:
    columns = ", ".join(written(column, file_format) for column in selection.columns)
    conditions = [
        f"started_at {operator} TIMESTAMPTZ {literal(time.astimezone(UTC).isoformat())}"
        for operator, time in ((">=", selection.since), ("<", selection.until))
        if time is not None
    ]
    source = f"SELECT {columns} FROM calls WHERE {' AND '.join(conditions) or 'true'}"
    return f"COPY ({source}) TO {literal(str(target))} {copy_options(file_format)}"


def _put_in_place(partial: Path, target: Path, *, replaces: bool) -> None:
    if replaces:
        partial.replace(target)
    else:
        _link_or_rename(partial, target)
    sync(target.absolute().parent)


def _link_or_rename(partial: Path, target: Path) -> None:
    try:
        target.hardlink_to(partial)  # unlike a rename, it fails where somebody made the file meanwhile
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        partial.replace(target)


@contextmanager
def _undisturbed(directory: Path) -> Generator[None]:
    """Keep compactions from removing files while they are read, where that can be had soon."""
    with ExitStack() as held:
        with suppress(OSError):
            held.enter_context(exclusive(directory / LOCK, wait_s=_WAIT_S))
        yield


@contextmanager
def _pipe_into(stream: BinaryIO) -> Generator[Path]:
    """Give a path under which DuckDB can write to `stream`, wherever that leads and whatever lies before there."""
    source, sink = os.pipe()
    failure: list[OSError] = []

    def pump() -> None:
        try:
            with os.fdopen(source, "rb") as opened:
                shutil.copyfileobj(opened, stream, _PIPE_BYTES)
                stream.flush()
        except OSError as error:
            failure.append(error)

    thread = threading.Thread(target=pump, name="export", daemon=True)
    thread.start()
    try:
        yield Path(f"/dev/fd/{sink}")
    finally:
        os.close(sink)
        thread.join()
        if failure:
            raise failure[0]

"""The outbox: segments and amendments that wait, under second names, until the lake has them.

    outbox/calls/date=YYYY-MM-DD/<name>.parquet          links to segments
    outbox/amendments/date=YYYY-MM-DD/<name>.parquet     completions of rows

A file keeps its rows on the disk for as long as it waits, whatever becomes of the segment it was linked from.
"""

import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BufferedReader
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.directories import OUTBOX, SEGMENTS
from lambdascope_analytics.store.durable import sync
from lambdascope_analytics.store.hidden import pending

# Between acknowledgement and removal a file has this on its name.
DONE: Final = ".done"
_NAME: Final = re.compile(r"(?:calls|amendments)/date=(\d{4}-\d{2}-\d{2})/[A-Za-z0-9_.=+-]+\.parquet")
_MAGIC: Final = b"PAR1"
_SMALLEST: Final = 12  # magic, length of the footer, magic


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxFile:
    """A file that waits: its path within the outbox, its size, and when it was written."""

    name: str
    path: Path
    size: int
    written_at: datetime

    @property
    def upload_name(self) -> str:
        """Its path below the lake's prefix. Amendments carry when they were written: of two for a row the later wins,
        and a reader can tell which that is from nothing but the name."""
        kind, day, name = self.name.split("/")
        return self.name if kind == "calls" else f"{kind}/{day}/{self.written_at:%Y%m%dT%H%M%S.%fZ}-{name}"


def waiting_files(directory: Path) -> list[OutboxFile]:
    """Return what waits in the outbox of `directory`, the oldest date first; empty if there is no outbox.

    Raises:
        OSError: it cannot be read.
    """
    found = (_looked_at(path, name) for path, name in _entries(directory) if _is_upload(name))
    return sorted((file for file in found if file), key=lambda file: (file.name.partition("date=")[2], file.name))


def committed_files(directory: Path) -> list[OutboxFile]:
    """Return those of the waiting files that belong to the history by now.

    Raises:
        OSError: the outbox or the list of hidden files cannot be read.
    """
    files = waiting_files(directory)
    # Looked at after the files: a file that came in between would else pass for committed.
    hidden = {_second_name(file) for file in pending(directory)}
    return [file for file in files if f"{OUTBOX}/{file.name}" not in hidden]


def foreign_files(directory: Path) -> list[Path]:
    """Return what lies in the outbox and will not be uploaded, because its name is not one of ours."""
    return [path for path, name in _entries(directory) if not _is_upload(name) and path.suffix not in {DONE, ".new"}]


@contextmanager
def taken(file: OutboxFile) -> Generator[BufferedReader]:
    """Open a file for its upload; when the block ends without an error the file is removed from the outbox.

    A file that was put in its place meanwhile, with rows removed from it, stays and waits.

    Raises:
        FileNotFoundError: it is gone: another uploader was faster, or its segment was taken back.
        OSError: it cannot be read or removed.
    """
    descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as opened:
        yield opened
        done = file.path.with_name(file.path.name + DONE)
        file.path.rename(done)
        # Held open until here, so the number cannot have gone to another file.
        if _is_same(done, descriptor):
            done.unlink()
        else:
            _put_back(done)
        sync(file.path.parent)


def is_whole(opened: BufferedReader) -> bool:
    """Whether an open file begins and ends as a Parquet file does."""
    try:
        if opened.seek(0, os.SEEK_END) < _SMALLEST:
            return False
        opened.seek(-len(_MAGIC), os.SEEK_END)
        tail = opened.read()
        opened.seek(0)
        return opened.read(len(_MAGIC)) == tail == _MAGIC
    finally:
        opened.seek(0)


def put_back_interrupted(directory: Path) -> None:
    """Make files wait again that a killed uploader had not quite removed; to upload one twice does no harm."""
    for path, _ in list(_entries(directory)):
        if path.suffix == DONE:
            _put_back(path)


def _put_back(done: Path) -> None:
    path = done.with_name(done.name.removesuffix(DONE))
    # A link, because it fails where a newer file has the name; a rename would replace that.
    with suppress(FileExistsError):
        path.hardlink_to(done)
    done.unlink()


def _entries(directory: Path) -> Iterator[tuple[Path, str]]:
    outbox = directory / OUTBOX
    for folder, _, names in os.walk(outbox, onerror=_raise_unless_missing):
        for name in names:
            path = Path(folder, name)
            yield path, path.relative_to(outbox).as_posix()


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _is_upload(name: str) -> bool:
    match = _NAME.fullmatch(name)
    try:
        return bool(match and date.fromisoformat(match[1]))
    except ValueError:
        return False


def _looked_at(path: Path, name: str) -> OutboxFile | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return OutboxFile(
        name=name, path=path, size=found.st_size, written_at=datetime.fromtimestamp(found.st_mtime, tz=UTC)
    )


def _is_same(path: Path, descriptor: int) -> bool:
    return os.path.samestat(path.lstat(), os.fstat(descriptor))


def _second_name(file: str) -> str:
    """Return the name in the outbox of a file on the hidden list; amendments are on it under that name."""
    return f"{OUTBOX}/calls/{file.removeprefix(f'{SEGMENTS}/')}" if file.startswith(f"{SEGMENTS}/") else file

"""The history as the only file system an ad hoc query can reach: `history://...`, for reading, as of one moment.

Nothing here writes, so nothing a query says can. Names that are not files of the history do not exist.
"""

import os
import threading
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NoReturn

import fsspec  # pyright: ignore[reportMissingTypeStubs] -- it comes without types

from lambdascope_analytics.store.hidden import HIDDEN

PROTOCOL: Final = "history"
ROOT: Final = f"{PROTOCOL}://"
_READABLE: Final = (".jsonl", ".parquet")
_LOOKS: Final = 50
# DuckDB takes no other class; of it we want the name only.
_Base: Any = fsspec.AbstractFileSystem


class HistoryFiles(_Base):
    """What was in the history's directory when `look` was called last; DuckDB asks it for everything.

    The list of hidden files is taken in the same look, so that a query sees one state of the history however many
    times it reads it. `vanished` says that a file could not be opened any more: then look again.
    """

    protocol = PROTOCOL
    cachable = False  # fsspec would hand out the same object for another directory

    def __init__(self, directory: Path) -> None:
        _Base.__init__(self)
        self._directory = directory.resolve()
        self._names: frozenset[str] = frozenset()
        self._hidden = b""
        self.vanished = False

    def look(self) -> None:
        """List the files anew.

        Raises:
            OSError: the directory cannot be read, or its files change faster than they can be listed.
        """
        self.vanished = False
        for _ in range(_LOOKS):
            before = self._read_hidden()
            names = frozenset(self._walk())
            if self._read_hidden() == before:
                self._names, self._hidden = names, before[-1]
                return
        raise OSError("the files of the history change too fast to be listed")

    def open(self, path: str, mode: str = "rb", **_: Any) -> "SharedFile":
        """Open a file of the history for reading; any other mode is refused."""
        if mode != "rb":
            self._refuse()
        name = self._name(path)
        if name == HIDDEN:
            return SharedFile(self._hidden, place_per_thread=False)
        if name not in self._names:
            raise FileNotFoundError(f"{ROOT}{name} is not a file of the history")
        try:
            descriptor = os.open(self._directory / name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            self.vanished = True
            # The path of the directory is nobody's business.
            raise FileNotFoundError(f"{ROOT}{name} is gone") from None
        except OSError as error:
            raise OSError(error.errno, f"{ROOT}{name} cannot be read: {error.strerror}") from None
        return SharedFile(descriptor, place_per_thread=name.endswith(".parquet"))

    def glob(self, path: str, **_: Any) -> list[str]:
        """Return the files that match, part by part as a shell would."""
        wanted = self._name(path).split("/")
        return sorted(name for name in self._names if _matches(name.split("/"), wanted))

    def exists(self, path: str, **_: Any) -> bool:
        """Whether the history holds such a file."""
        return self._name(path) in self._names

    isfile = exists

    def isdir(self, path: str) -> bool:
        """Never: DuckDB only asks in order to write."""
        return False

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return size and kind."""
        return {"name": self._name(path), "size": self._stat(path).st_size, "type": "file"}

    def modified(self, path: str) -> datetime:
        """Return when the file was last written to."""
        return datetime.fromtimestamp(self._stat(path).st_mtime, UTC)

    def ls(self, *_: Any, **__: Any) -> NoReturn:
        """Refused, as is all that would change something; what fsspec itself makes of such calls ends here or there."""
        self._refuse()

    mkdir = makedirs = rm = mv = ls

    def _stat(self, path: str) -> os.stat_result:
        name = self._name(path)
        if name not in self._names:
            raise FileNotFoundError(f"{ROOT}{name} is not a file of the history")
        try:
            return (self._directory / name).lstat()
        except FileNotFoundError:
            self.vanished = True
            raise FileNotFoundError(f"{ROOT}{name} is gone") from None

    def _name(self, path: str) -> str:
        return path.removeprefix(ROOT)

    def _walk(self) -> list[str]:
        found: list[str] = []
        for folder, folders, names in os.walk(self._directory):
            folders[:] = [name for name in folders if not (Path(folder) / name).is_symlink()]
            inner = Path(folder).relative_to(self._directory)
            found += [(inner / name).as_posix() for name in names if name.endswith(_READABLE)]
        return found

    def _read_hidden(self) -> tuple[int, int, bytes]:
        with (self._directory / HIDDEN).open("rb") as file:
            status = os.fstat(file.fileno())
            return status.st_ino, status.st_mtime_ns, file.read()

    def _refuse(self) -> NoReturn:
        raise PermissionError("the history is read-only here")


def _matches(parts: list[str], wanted: list[str]) -> bool:
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


class SharedFile:
    """An open file, or bytes, that several of DuckDB's threads read.

    Parquet they read all at once, each with a seek and then a read: there every thread has a place of its own, or one
    would be handed what another asked for. Lines they read in turns, one after the other's end: there the place is
    everybody's.
    """

    def __init__(self, source: int | bytes, *, place_per_thread: bool) -> None:
        self._source = source
        self._size = len(source) if isinstance(source, bytes) else os.fstat(source).st_size
        self._here: Any = threading.local() if place_per_thread else SimpleNamespace()
        self.closed = False

    def read(self, count: int = -1) -> bytes:
        """Read up to `count` bytes, all that is left if it is negative."""
        place = self.tell()
        wanted = max(0, self._size - place) if count < 0 else count
        source = self._source
        data = source[place : place + wanted] if isinstance(source, bytes) else os.pread(source, wanted, place)
        self._here.place = place + len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        self._here.place = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: self._size}[whence] + offset
        return self._here.place

    def tell(self) -> int:
        """Return the place."""
        return getattr(self._here, "place", 0)

    def seekable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Close it; once is enough."""
        if not self.closed and isinstance(self._source, int):
            os.close(self._source)
        self.closed = True

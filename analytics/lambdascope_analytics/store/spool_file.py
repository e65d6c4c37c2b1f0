"""The spool files of one writer: each locked while it is written, and never left with a line that spoils the next."""

import errno
import fcntl
import os
import re
import socket
import time
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.directories import make_private

ROTATE_BYTES: Final = 8 << 20
ROTATE_S: Final = 300.0


def host_name() -> str:
    """Return this machine's name as spool files carry it."""
    return re.sub(r"[^A-Za-z0-9.]+", "_", socket.gethostname())[:64] or "unknown"


def new_writer_name() -> str:
    """Return `<host>-<pid>-<boot id>`, a name that no other writer has or had."""
    # The boot id is of this writer's start: process ids come back, in containers at once, names must not.
    return f"{host_name()}-{os.getpid()}-{os.urandom(4).hex()}"


class SpoolFile:
    """A JSONL file `<writer>-<number>.jsonl` made at the first write, and the next one once it is full or old.

    Its exclusive flock tells a compactor that it is still written. Lines are handed over with `load` and written
    with `send`, which after an error goes on at the very byte where it stopped. For one thread.
    """

    def __init__(
        self,
        folder: Path,
        writer: str,
        *,
        sync_s: float | None = None,
        rotate_bytes: int = ROTATE_BYTES,
        rotate_s: float = ROTATE_S,
    ) -> None:
        self._folder = folder
        self._writer = writer
        self._sync_s = sync_s
        self._rotate_bytes = rotate_bytes
        self._rotate_s = rotate_s
        self._number = 0
        self._descriptor: int | None = None
        self._lines = b""
        self._sent = 0
        self._size = 0
        self._opened_at = 0.0
        self._unsynced_since: float | None = None

    @property
    def path(self) -> Path:
        """The file that is written now, else was last, else will be first."""
        return self._path(max(self._number, 1))

    @property
    def attention_at(self) -> float | None:
        """When `tend` has something to do, on the monotonic clock; None for never."""
        if self._descriptor is None:
            return None
        rotate_at = self._opened_at + self._rotate_s
        if self._unsynced_since is None or self._sync_s is None:
            return rotate_at
        return min(rotate_at, self._unsynced_since + self._sync_s)

    def load(self, lines: bytes) -> None:
        """Take whole lines to write; what was loaded before is either sent or abandoned by now."""
        self._lines = self._lines[self._sent :] + lines
        self._sent = 0

    def send(self) -> None:
        """Write what is left of the loaded lines.

        Raises:
            OSError: not all could be written; call again to go on.
        """
        descriptor = self._open_descriptor()
        remaining = memoryview(self._lines)[self._sent :]
        while remaining:
            written = os.write(descriptor, remaining)
            if written == 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(self.path))
            self._sent += written
            self._size += written
            remaining = remaining[written:]
        if self._unsynced_since is None:
            self._unsynced_since = time.monotonic()
        self.tend()

    def tend(self) -> None:
        """Bring the file to the disk where that is due, and end it where it is full or old.

        Raises:
            OSError: the disk refuses.
        """
        now = time.monotonic()
        if self._descriptor is None:
            return
        is_unsynced = self._sync_s is not None and self._unsynced_since is not None
        if is_unsynced and now >= (self._unsynced_since or 0.0) + (self._sync_s or 0.0):
            self._sync(self._descriptor)
        if self._size >= self._rotate_bytes or now >= self._opened_at + self._rotate_s:
            self.close()

    def abandon(self) -> int:
        """Forget the loaded lines; return how many of them are not whole in the file."""
        missing = self._lines.count(b"\n", self._sent)
        line_is_torn = self._sent > 0 and self._lines[self._sent - 1 : self._sent] != b"\n"
        # Loaded as unsent, so that the next line begins on a line of its own.
        self._lines, self._sent = (b"\n" if line_is_torn else b""), 0
        return missing

    def close(self) -> None:
        """Close the file, which also releases its lock; what is written next begins another.

        Raises:
            OSError: the disk refuses.
        """
        if self._descriptor is None:
            return
        try:
            if self._sync_s is not None and self._unsynced_since is not None:
                self._sync(self._descriptor)
        finally:
            os.close(self._descriptor)
            self._descriptor = None

    def _sync(self, descriptor: int) -> None:
        # Not tried again for the same bytes: after a failure the kernel may report them as written.
        self._unsynced_since = None
        getattr(os, "fdatasync", os.fsync)(descriptor)

    def _open_descriptor(self) -> int:
        if self._descriptor is not None and os.fstat(self._descriptor).st_nlink == 0:
            self.close()
        if self._descriptor is None:
            self._descriptor = _create_locked(self._path(self._number + 1))
            self._number += 1
            self._size, self._opened_at = 0, time.monotonic()
            # A line that was begun in a file before is begun again, whole.
            self._sent = self._lines.rfind(b"\n", 0, self._sent) + 1
        return self._descriptor

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._writer}-{number:04}.jsonl"


def _create_locked(path: Path) -> int:
    make_private(path.parent)
    # Named only once it is locked: a compactor must never meet it unlocked and take its owner for dead.
    unnamed = path.with_suffix(".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(unnamed, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unnamed.rename(path)
    except BaseException:
        os.close(descriptor)
        unnamed.unlink(missing_ok=True)
        raise
    return descriptor

"""One spool file: locked for as long as its owner lives, and never left with a line that spoils the next one."""

import errno
import fcntl
import os
import re
import socket
from pathlib import Path

from lambdascope_analytics.store.directories import make_private


def new_writer_name() -> str:
    """Return `<host>-<pid>-<boot id>`, a name that no other writer has or had."""
    host = re.sub(r"[^A-Za-z0-9.]+", "_", socket.gethostname())[:64] or "unknown"
    # The boot id is of this writer's start: process ids come back, in containers at once, names must not.
    return f"{host}-{os.getpid()}-{os.urandom(4).hex()}"


class SpoolFile:
    """A JSONL file made at the first write and made again if it disappears.

    Its exclusive flock tells a compactor that the owner is alive. Lines are handed over with `load` and written
    with `send`, which after an error goes on at the very byte where it stopped. For one thread.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        self._lines = b""
        self._sent = 0

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
            remaining = remaining[written:]

    def abandon(self) -> int:
        """Forget the loaded lines; return how many of them are not whole in the file."""
        missing = self._lines.count(b"\n", self._sent)
        line_is_torn = self._sent > 0 and self._lines[self._sent - 1 : self._sent] != b"\n"
        # Loaded as unsent, so that the next line begins on a line of its own.
        self._lines, self._sent = (b"\n" if line_is_torn else b""), 0
        return missing

    def close(self) -> None:
        """Close the file, which also releases its lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open_descriptor(self) -> int:
        if self._descriptor is not None and os.fstat(self._descriptor).st_nlink == 0:
            self.close()
        if self._descriptor is None:
            self._descriptor = _create_locked(self.path)
            self._sent = self._lines.rfind(b"\n", 0, self._sent) + 1
        return self._descriptor


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

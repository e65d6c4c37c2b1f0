"""File locks between processes. The kernel releases one when its holder ends, however it ends."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PAUSE_S: Final = 0.02


@contextmanager
def exclusive(path: Path, *, wait_s: float) -> Generator[None]:
    """Hold the lock on the file at `path`, which is made if needed and stays.

    Raises:
        BlockingIOError: another process holds it and did not let go within `wait_s`.
        OSError: the file cannot be opened.
    """
    deadline = time.monotonic() + wait_s
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        while not _taken(descriptor):
            if time.monotonic() >= deadline:
                raise BlockingIOError(f"{path} is locked by another process")
            time.sleep(_PAUSE_S)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether some process, this one included, holds the lock on the file at `path`; False if there is no file.

    Raises:
        OSError: the file cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two processes that look at once do not take each other for the holder.
        return not _taken(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _taken(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

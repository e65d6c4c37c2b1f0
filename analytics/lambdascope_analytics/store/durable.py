"""Changes of files that survive a crash: what a function here has returned from is on the disk."""

import os
from pathlib import Path

from lambdascope_analytics.store.directories import make_private


def write_durably(path: Path, text: str) -> None:
    """Replace the file at `path` in one step; readers see the old text or the new one, never a part.

    Raises:
        OSError: it cannot be written; the old text is still there.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(partial, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync(path.parent)


def move_durably(source: Path, target: Path) -> None:
    """Move a whole file to `target`, with its content on the disk first; replaces what is there.

    Raises:
        OSError: it cannot be moved; `source` is still there.
    """
    sync(source)
    make_private(target.parent)
    source.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Wait until a file's content, or a directory's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

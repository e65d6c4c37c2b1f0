"""A file that is read again when it changed, so that what it grants can be taken back while the proxy runs."""

import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)
MOST_BYTES = 4_000_000
# Windows has no such bits, and says that everybody may.
OTHERS_WRITE = 0 if os.name == "nt" else stat.S_IWGRP | stat.S_IWOTH
Stamp = tuple[int, int, int, int]


class FileUnusable(Exception):
    """The file cannot be read, or others than its owner may write it."""


class Watched(Generic[T]):
    """What `parse` makes of a file's text; `nothing` stands in while the file cannot be trusted.

    A changed file that `parse` refuses (ValueError) leaves what was read before in force, and an error in the log.
    """

    def __init__(self, path: Path, parse: Callable[[str], T], nothing: T) -> None:
        self._path = path
        self._parse = parse
        self._nothing = nothing
        self._stamp: Stamp | None = None
        self._value = nothing
        self._told = ""

    def load(self) -> None:
        """Reads it for the first time. Raises: FileUnusable; ValueError from `parse`."""
        self._stamp, content = _read(self._path)
        self._value = self._parsed(content)

    @property
    def value(self) -> T:
        """What the file says now."""
        try:
            if _stamp_of(os.stat(self._path)) != self._stamp:  # noqa: PTH116 -- at every request: a third of the time
                self._reload()
        except (OSError, FileUnusable) as error:
            self._tell(f"{self._path} cannot be used, so that nobody is let in by it: {_reason(error)}")
            self._stamp, self._value = None, self._nothing
        return self._value

    def _reload(self) -> None:
        stamp, content = _read(self._path)
        # Also of a file that is refused: it is told once, not at every request.
        self._stamp = stamp
        try:
            self._value = self._parsed(content)
        except ValueError as error:
            self._tell(f"{self._path} changed and is refused, what it said before stays in force: {error}")
            return
        self._told = ""
        log.info("%s changed and was read again", self._path)

    def _parsed(self, content: bytes) -> T:
        try:
            return self._parse(content.decode())
        except RecursionError as error:
            raise ValueError("it is nested too deep") from error

    def _tell(self, message: str) -> None:
        if message != self._told:
            log.error("%s", message)
            self._told = message


def _read(path: Path) -> tuple[Stamp, bytes]:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_mode & OTHERS_WRITE:
                raise FileUnusable(f"others than its owner may write {path}: chmod go-w it")
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise FileUnusable(f"{path}: {_reason(error)}") from error
    if len(content) > MOST_BYTES:
        raise FileUnusable(f"{path} has more than {MOST_BYTES} bytes")
    return _stamp_of(status), content


def _stamp_of(status: os.stat_result) -> Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)

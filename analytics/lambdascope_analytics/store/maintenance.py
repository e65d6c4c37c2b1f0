"""Being the one process that exchanges files of a history; every change but the spools' own goes through here."""

import json
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.directories import SPOOL, WORK
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.prepare import check_format, check_owner
from lambdascope_analytics.store.publish import recover
from lambdascope_analytics.store.spool_file import host_name

LOCK: Final = "compact.lock"
# On a network share a lock may not reach the other hosts; a host that was at it this lately is taken to be so still.
_HOST_S: Final = 900.0
# What a killed process began to write and never named.
_LEFTOVER_S: Final = 3600.0


class OccupiedError(BlockingIOError):
    """Another process, perhaps on another host, is exchanging files of this history."""


@contextmanager
def maintenance(directory: Path, *, wait_s: float) -> Generator[None]:
    """Hold the history in `directory` (absolute, prepared) alone, with what a killed holder left behind put right.

    Raises:
        OccupiedError: another process holds it and did not let go within `wait_s`.
        HistoryError: a newer version wrote it.
        OSError: it cannot be written.
    """
    check_format(directory)
    check_owner(directory)
    path = directory / LOCK
    try:
        with exclusive(path, wait_s=wait_s):
            if host := other_host(directory):
                raise OccupiedError(
                    f"the host {host} is at it, or was killed at it in the last {_HOST_S / 60:.0f} minutes"
                )
            path.write_text(json.dumps({"host": host_name()}), encoding="utf-8")
            try:
                _clear(directory)
                recover(directory)
                yield
            finally:
                path.write_text("", encoding="utf-8")
                shutil.rmtree(directory / WORK, ignore_errors=True)
    except OccupiedError:
        raise
    except BlockingIOError as error:
        raise OccupiedError(str(error)) from error


def other_host(directory: Path) -> str | None:
    """Return which other host is exchanging files of this history, as far as its mark tells; None if none."""
    path = directory / LOCK
    with suppress(OSError, ValueError, KeyError, TypeError):
        host = json.loads(path.read_text(encoding="utf-8"))["host"]
        if host != host_name() and 0 <= time.time() - path.stat().st_mtime < _HOST_S:
            return host
    return None


def _clear(directory: Path) -> None:
    shutil.rmtree(directory / WORK, ignore_errors=True)
    for path in (*directory.glob("*.new"), *(directory / SPOOL).glob("*.new")):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _LEFTOVER_S:
                path.unlink()

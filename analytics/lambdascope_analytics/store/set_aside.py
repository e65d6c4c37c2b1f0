"""What cannot be read is moved out of the readers' way, into `set-aside/`; it is never deleted."""

import json
import logging
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.directories import SET_ASIDE, WORK, make_private
from lambdascope_analytics.store.durable import move_durably, sync
from lambdascope_analytics.store.line import MAX_LINE_BYTES, REQUIRED

_log: Final = logging.getLogger(__name__)

SALVAGED: Final = ".salvaged"


def set_aside(directory: Path, path: Path, reason: str) -> Path:
    """Move a file of the history to `set-aside/`, under a name nothing there has; return its new place.

    Raises:
        OSError: it cannot be moved.
    """
    folder = directory / SET_ASIDE
    make_private(folder)
    target = _free(folder / path.name)
    path.rename(target)
    sync(folder)
    _log.warning("%s is set aside as %s: %s", path, target, reason)
    return target


def set_lines_aside(directory: Path, lines: Iterable[bytes], name: str, reason: str) -> None:
    """Keep lines that belong nowhere else any more in `set-aside/`, in a file of this name.

    Raises:
        OSError: they cannot be written.
    """
    source, target = directory / WORK / f"{name}.bad", _free(directory / SET_ASIDE / name)
    make_private(source.parent)
    source.write_bytes(b"".join(lines))
    source.chmod(0o600)
    move_durably(source, target)
    _log.warning("lines are set aside as %s: %s", target, reason)


def files_set_aside(directory: Path) -> list[Path]:
    """Return the files that were set aside, by name."""
    return sorted(path for path in (directory / SET_ASIDE).glob("*") if path.is_file())


def salvage(directory: Path, spool: Path) -> Path | None:
    """Split a spool in two: its rows, returned as a file in the work directory, and other lines, which are set aside.

    None if no row is left. The spool stays as it is.

    Raises:
        OSError: it cannot be read, or the parts not be written.
    """
    good, bad = directory / WORK / spool.name, directory / WORK / f"{spool.name}.bad"
    make_private(good.parent)
    with spool.open("rb") as lines, good.open("wb") as rows, bad.open("wb") as rest:
        for line in _lines(lines.read()):
            (rows if _is_row(line) else rest).write(line)
    for path in (good, bad):
        shutil.copystat(spool, path)  # its age tells whether its writer may still be there
        path.chmod(0o600)
    if bad.stat().st_size:
        target = _free(directory / SET_ASIDE / spool.name)
        move_durably(bad, target)
        _log.warning("lines of %s that are no rows are set aside as %s", spool, target)
    return good if good.stat().st_size else None


def _free(target: Path) -> Path:
    count = 1
    free = target
    while free.exists():
        count += 1
        free = target.with_name(f"{target.stem}.{count}{target.suffix}")
    return free


def _lines(content: bytes) -> Iterator[bytes]:
    for line in content.splitlines(keepends=True):
        if line.strip():
            yield line if line.endswith(b"\n") else line + b"\n"


def _is_row(line: bytes) -> bool:
    if len(line) > MAX_LINE_BYTES:
        return False
    try:
        # As strictly as DuckDB reads it: other encodings and halves of surrogates are no JSON.
        row = json.loads(line.decode())
        json.dumps(row, ensure_ascii=False).encode()
        datetime.fromisoformat(row[REQUIRED])
    except (ValueError, TypeError, LookupError, RecursionError):
        return False
    return True

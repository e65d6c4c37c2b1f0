"""Forgetting in what is no part of the history proper: files that wait for their upload, and files set aside."""

import json
import logging
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.directories import OUTBOX, WORK
from lambdascope_analytics.store.durable import move_durably
from lambdascope_analytics.store.forgetting.request import ForgetRequest, condition_of
from lambdascope_analytics.store.set_aside import files_set_aside
from lambdascope_analytics.store.views import file_list, literal

_log: Final = logging.getLogger(__name__)

_PIECE_BYTES: Final = 16 << 20
_MAGIC: Final = b"PAR1"


def forget_in_outbox(compactor: Compactor, requests: Sequence[ForgetRequest]) -> None:
    """Remove rows from what waits for its upload.

    A file without any row left stays, because what is in S3 of it already is to be replaced by it.
    """
    for path in sorted((compactor.directory / OUTBOX).rglob("*.parquet*")):
        _forget_in_parquet(compactor, path, condition_of(requests))


def forget_set_aside(compactor: Compactor, requests: Sequence[ForgetRequest]) -> None:
    """Remove rows, and lines that mention them, from the files that were set aside; the log names what it cannot."""
    for path in files_set_aside(compactor.directory):
        with path.open("rb") as opened:
            is_parquet = opened.read(len(_MAGIC)) == _MAGIC
        if is_parquet:
            _forget_in_parquet(compactor, path, condition_of(requests))
        else:
            _forget_in_lines(compactor, path, requests)


def _forget_in_parquet(compactor: Compactor, path: Path, condition: str) -> None:
    import duckdb

    connection, target = compactor.connection, compactor.directory / WORK / "kept.parquet"
    source = f"read_parquet({file_list([path])}, hive_partitioning = false)"
    try:
        (count,) = connection.execute(f"SELECT count(*) FROM {source} WHERE {condition}").fetchall()[0]
        if not count:
            return
        kept = f"SELECT * FROM {source} WHERE {condition} IS NOT TRUE"
        connection.execute(f"COPY ({kept}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.Error as error:
        if path.exists():  # else it was uploaded just now
            _log.warning("%s cannot be searched for what is to be forgotten: %s", path, str(error).splitlines()[0])
        return
    with suppress(FileNotFoundError):  # also uploaded just now; what is put there now replaces it
        shutil.copystat(path, target)  # an amendment's name in S3 comes from when it was written
    target.chmod(0o600)
    move_durably(target, path)
    compactor.report.forgotten_elsewhere += count


def _forget_in_lines(compactor: Compactor, path: Path, requests: Sequence[ForgetRequest]) -> None:
    target = compactor.directory / WORK / "kept.txt"
    target.touch(mode=0o600)
    count = 0
    with path.open("rb") as lines, target.open("wb") as rest:
        while line := lines.readline(_PIECE_BYTES):
            is_kept = not any(_mentions(line, request) for request in requests)
            count += not is_kept
            rest.write(line if is_kept else b"")
    if count:
        move_durably(target, path)
        compactor.report.forgotten_elsewhere += count


def _mentions(line: bytes, request: ForgetRequest) -> bool:
    """Whether a line is a row to forget; of what is no row, whether it has one of the values as a word."""
    try:
        row: dict[str, Any] = json.loads(line)
        return row.get(request.key) in request.values and _is_in_time(row.get("started_at"), request)
    except (ValueError, AttributeError, RecursionError):
        return any(re.search(rb"(?<![\w-])" + re.escape(form) + rb"(?![\w-])", line) for form in _forms(request))


def _is_in_time(began: object, request: ForgetRequest) -> bool:
    try:
        moment = datetime.fromisoformat(str(began))
        return moment < request.before and (request.since is None or moment >= request.since)
    except (ValueError, TypeError):
        return True  # nobody knows when it was


def _forms(request: ForgetRequest) -> set[bytes]:
    """The values as they may stand in a line: as they are, and as JSON writes them, with and without ASCII escapes."""
    forms = {
        form for value in request.values for form in (value, json.dumps(value), json.dumps(value, ensure_ascii=False))
    }
    return {form.strip('"').encode() for form in forms}

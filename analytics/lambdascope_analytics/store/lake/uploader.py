"""Empties the outbox into the lake; one process at a time does so for one history.

Killed anywhere it leaves each file either waiting or in the lake, at worst both: the next one then sends it again, to
the same key.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import Final, Protocol

from lambdascope_analytics.errors import LakeError
from lambdascope_analytics.store.lake.location import LakeLocation
from lambdascope_analytics.store.lake.outbox import (
    OutboxFile,
    committed_files,
    is_whole,
    put_back_interrupted,
    taken,
)
from lambdascope_analytics.store.lake.status import LastRun, read_last_run, write_last_run
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.set_aside import set_aside

_LOCK: Final = "lake.lock"
_ERRORS_KEPT: Final = 3


class Bucket(Protocol):
    """What takes the files: `put` returns once the lake has one whole, and raises LakeError if it has not."""

    location: Final[LakeLocation]

    def put(self, opened: BufferedReader, name: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What one run did: files and bytes acknowledged, and what went wrong, in order."""

    files: int = 0
    size: int = 0
    errors: tuple[str, ...] = ()


def upload_outbox(directory: Path, bucket: Bucket, now: Callable[[], datetime]) -> Uploaded:
    """Upload every committed file that waits in `directory`, until none is left or S3 takes no more; then write down
    how it went.

    Raises:
        BlockingIOError: another process is uploading from this directory.
        OSError: the directory cannot be read or written.
    """
    with exclusive(directory / _LOCK, wait_s=0):
        put_back_interrupted(directory)
        done = Uploaded()
        tried: set[str] = set()
        # Asked again until nothing new is there: a compaction may end meanwhile.
        while files := [file for file in committed_files(directory) if file.name not in tried]:
            tried.update(file.name for file in files)
            done, goes_on = _upload_all(directory, bucket, files, done)
            if not goes_on:
                break
        _write_down(directory, bucket, done, now())
        return done


def _upload_all(directory: Path, bucket: Bucket, files: Iterable[OutboxFile], done: Uploaded) -> tuple[Uploaded, bool]:
    for file in files:
        try:
            if _upload(directory, bucket, file):
                done = replace(done, files=done.files + 1, size=done.size + file.size)
        except LakeError as error:
            done = replace(done, errors=(*done.errors, str(error)))
            if not error.is_of_one_file:
                return done, False
    return done, True


def _upload(directory: Path, bucket: Bucket, file: OutboxFile) -> bool:
    try:
        with taken(file) as opened:
            if not is_whole(opened):
                raise _NotParquetError
            bucket.put(opened, file.upload_name)
    except FileNotFoundError:
        return False
    except _NotParquetError:
        place = set_aside(directory, file.path, "it is no whole Parquet file")
        raise LakeError(f"{file.name} is no whole Parquet file; it is now {place}", is_of_one_file=True) from None
    return True


class _NotParquetError(Exception):
    """The file must not reach the lake."""


def _write_down(directory: Path, bucket: Bucket, done: Uploaded, at: datetime) -> None:
    before = read_last_run(directory)
    run = LastRun(
        location=str(bucket.location),
        succeeded_at=at if done.files or not done.errors else before.succeeded_at,
        error="; then ".join(done.errors[-_ERRORS_KEPT:]) or None,
        failed_at=at if done.errors else None,
    )
    write_last_run(directory, run)

"""Emptying an outbox into a real S3 server: nothing leaves before the lake has it, and one failure is not all."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lake_stage.faults import Exchange, Fault, FaultyWay, breaks_off, damages, nothing, refuses
from lake_stage.files import DAY, fill, waiting
from lake_stage.server import S3Server

from lambdascope_analytics.store.hidden import HiddenFile, replace_hidden
from lambdascope_analytics.store.lake.bucket import LakeBucket
from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation
from lambdascope_analytics.store.lake.status import LastRun, lake_status, write_last_run
from lambdascope_analytics.store.lake.uploader import Uploaded, upload_outbox
from lambdascope_analytics.store.locks import exclusive

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAMES = [f"{DAY}/{letter}.parquet" for letter in "abcde"]


@pytest.fixture
def upload(
    history: Path, way: FaultyWay, location: LakeLocation, credentials: pytest.MonkeyPatch
) -> Callable[..., Uploaded]:
    """Uploads what waits, with these faults on the way of the first files."""

    def run(*faults: Fault) -> Uploaded:
        way.script["PUT"].extend(faults)
        bucket = LakeBucket(location, LakeAccess(endpoint=way.url), attempts=1)
        return upload_outbox(history, bucket, lambda: NOW)

    return run


def test_an_outbox_is_emptied_into_the_prefix(
    upload: Callable[..., Uploaded], history: Path, s3: S3Server, location: LakeLocation
) -> None:
    contents = fill(history, NAMES)
    assert upload() == Uploaded(files=5, size=5 * 4096)
    assert s3.contents(location.prefix) == contents
    assert waiting(history) == []
    assert lake_status(history).last_run == LastRun(location=str(location), succeeded_at=NOW)


def test_amendments_go_up_under_names_in_the_order_of_their_making(
    upload: Callable[..., Uploaded], history: Path, s3: S3Server, location: LakeLocation
) -> None:
    # A reader takes the last one for a row; the names that compactions give them are in no order.
    names = [f"amendments/date=2026-11-20/{name}.parquet" for name in "zma"]
    fill(history, names)
    for count, name in enumerate(names):
        written_at = NOW.timestamp() + count / 1000
        os.utime(history / "outbox" / name, (written_at, written_at))
    upload()
    stamps = ["20261122T120000.000000Z-z", "20261122T120000.001000Z-m", "20261122T120000.002000Z-a"]
    assert s3.keys(location.prefix) == [f"amendments/date=2026-11-20/{stamp}.parquet" for stamp in stamps]


def test_without_anything_waiting_a_run_is_a_success(upload: Callable[..., Uploaded], history: Path) -> None:
    assert upload() == Uploaded()
    assert lake_status(history).last_run.succeeded_at == NOW


def test_what_is_not_committed_stays(
    upload: Callable[..., Uploaded], history: Path, s3: S3Server, location: LakeLocation
) -> None:
    fill(history, NAMES)
    file = "segments/date=2026-11-20/b.parquet"
    replace_hidden(history, [HiddenFile(file=file, state="pending", since=NOW)])
    assert upload().files == 4
    assert waiting(history) == [f"{DAY}/b.parquet"]
    assert f"{DAY}/b.parquet" not in s3.keys(location.prefix)


def test_a_file_that_comes_during_a_run_goes_with_it(
    upload: Callable[..., Uploaded], history: Path, s3: S3Server, location: LakeLocation
) -> None:
    # The uploader started for it ends at once, because this one is at work.
    fill(history, NAMES[:1])

    def brings_another(exchange: Exchange) -> None:
        fill(history, NAMES[1:2])
        nothing(exchange)

    assert upload(brings_another).files == 2
    assert s3.keys(location.prefix) == NAMES[:2]


def test_one_bad_file_does_not_hold_up_the_others(
    upload: Callable[..., Uploaded], history: Path, s3: S3Server, location: LakeLocation
) -> None:
    fill(history, NAMES)
    done = upload(nothing, damages)
    assert (done.files, len(done.errors)) == (4, 1)
    assert waiting(history) == NAMES[1:2]
    assert s3.keys(location.prefix) == [NAMES[0], *NAMES[2:]]


@pytest.mark.parametrize("fault", [refuses(403, "AccessDenied"), refuses(503, "SlowDown"), breaks_off])
def test_what_fails_for_all_ends_the_run_and_everything_left_waits(
    upload: Callable[..., Uploaded], fault: Fault, history: Path, way: FaultyWay
) -> None:
    fill(history, NAMES)
    done = upload(nothing, fault)
    assert (done.files, len(done.errors)) == (1, 1)
    assert waiting(history) == NAMES[1:]
    assert way.seen.count("PUT") == 2


def test_the_run_after_a_failed_one_uploads_the_rest_and_the_error_is_gone(
    upload: Callable[..., Uploaded], history: Path, s3: S3Server, location: LakeLocation
) -> None:
    contents = fill(history, NAMES)
    write_last_run(history, LastRun(succeeded_at=datetime(2026, 1, 1, tzinfo=UTC)))
    upload(refuses(403, "InvalidAccessKeyId", "No such key."))
    failed = lake_status(history)
    assert failed.waiting_files == 5
    assert failed.last_run.succeeded_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert failed.last_run.failed_at == NOW
    assert "InvalidAccessKeyId: No such key; check the AWS credentials" in str(failed.last_run.error)
    assert upload().files == 5
    assert s3.contents(location.prefix) == contents
    assert lake_status(history).last_run.error is None


@pytest.mark.parametrize("content", [b"", b"PAR1 cut short", bytes(100)])
def test_what_is_no_whole_parquet_file_is_set_aside_and_named(
    upload: Callable[..., Uploaded], content: bytes, history: Path, s3: S3Server, location: LakeLocation
) -> None:
    # One such object spoils every query of every reader.
    fill(history, NAMES[:2])
    (history / "outbox" / NAMES[0]).write_bytes(content)
    done = upload()
    assert done.files == 1
    assert f"{NAMES[0]} is no whole Parquet file" in done.errors[0]
    assert (history / "set-aside" / "a.parquet").read_bytes() == content
    assert s3.keys(location.prefix) == NAMES[1:2]


def test_what_a_killed_uploader_was_about_to_remove_goes_up_again(
    upload: Callable[..., Uploaded], history: Path, s3: S3Server, location: LakeLocation
) -> None:
    contents = fill(history, NAMES[:1])
    path = history / "outbox" / NAMES[0]
    path.rename(path.with_name(path.name + ".done"))
    assert upload().files == 1
    assert s3.contents(location.prefix) == contents
    assert waiting(history) == []


def test_two_uploaders_do_not_work_on_one_outbox(upload: Callable[..., Uploaded], history: Path) -> None:
    fill(history, NAMES)
    with exclusive(history / "lake.lock", wait_s=0), pytest.raises(BlockingIOError):
        upload()
    assert waiting(history) == NAMES


def test_a_server_that_dies_and_comes_back_gets_everything(
    own_s3: S3Server, history: Path, location: LakeLocation, no_aws: pytest.MonkeyPatch
) -> None:
    for name, value in own_s3.credentials().items():
        no_aws.setenv(name, value)
    way = FaultyWay(own_s3.port)

    def dies(exchange: Exchange) -> None:
        own_s3.kill()
        exchange.answer(*exchange.forward(exchange.body()))

    way.script["PUT"].extend([nothing, nothing, dies])
    bucket: Any = LakeBucket(location, LakeAccess(endpoint=way.url), attempts=1)
    contents = fill(history, NAMES)
    try:
        done = upload_outbox(history, bucket, lambda: NOW)
        assert (done.files, len(done.errors)) == (2, 1)
        assert "cannot be reached" in done.errors[0]
        assert waiting(history) == NAMES[2:]
        own_s3.start()
        assert upload_outbox(history, bucket, lambda: NOW).files == 3
    finally:
        way.close()
    # MiniStack forgets what it had.
    expected = contents if own_s3.is_strict else {name: contents[name] for name in NAMES[2:]}
    assert own_s3.contents(location.prefix) == expected

"""Uploading beside a process that must not wait for it."""

import sys
from pathlib import Path

import pytest
from lake_stage.files import DAY, fill, waiting
from lake_stage.server import S3Server

from lambdascope_analytics.store.lake import background
from lambdascope_analytics.store.lake.background import LakeUploads, upload_command
from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation

NAME = f"{DAY}/a.parquet"
CLOSED = LakeAccess(endpoint="http://127.0.0.1:1", region="x")


class Clock:
    """A clock the test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """One that stands still."""
    return Clock()


@pytest.fixture
def closed(history: Path, location: LakeLocation, no_aws: pytest.MonkeyPatch, clock: Clock) -> LakeUploads:
    """Uploads that fail, for want of credentials."""
    return LakeUploads(history, location, CLOSED, clock=clock)


def test_the_command_says_only_what_is_set(location: LakeLocation, tmp_path: Path) -> None:
    command = upload_command(tmp_path, location, LakeAccess(profile="-odd", kms_key="alias/a"))
    module = [sys.executable, "-P", "-m", "lambdascope_analytics.store.lake"]
    assert command == [*module, str(tmp_path), str(location), "--profile=-odd", "--kms-key=alias/a"]


def test_what_waits_is_uploaded_and_then_nothing_is_started_any_more(
    history: Path, s3: S3Server, location: LakeLocation, credentials: pytest.MonkeyPatch
) -> None:
    contents = fill(history, [NAME])
    uploads = LakeUploads(history, location, LakeAccess(endpoint=s3.url))
    assert uploads.look()
    assert uploads.wait(60)
    assert s3.contents(location.prefix) == contents
    assert not uploads.look()


def test_without_an_outbox_no_process_is_started(closed: LakeUploads) -> None:
    assert not closed.look()
    assert closed.wait(0)


def test_one_upload_at_a_time_is_started(closed: LakeUploads, history: Path) -> None:
    fill(history, [NAME])
    assert closed.look()
    assert not closed.look()
    assert closed.wait(60)


def test_a_failure_is_logged_once_in_its_words_and_tried_again_later(
    closed: LakeUploads, history: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fill(history, [NAME])
    assert closed.look()
    assert closed.wait(60)
    assert not closed.look()
    clock.now += 301
    assert closed.look()
    assert closed.wait(60)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "what is left waits and is tried again: s3://lake/" in record.getMessage()
    assert "no usable credentials" in record.getMessage()
    assert waiting(history) == [NAME]


def test_a_child_that_cannot_start_harms_nobody(
    history: Path, location: LakeLocation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(history, [NAME])
    monkeypatch.setattr(background.sys, "executable", "/no/such/python")
    uploads = LakeUploads(history, location, LakeAccess())
    assert uploads.look()
    assert uploads.wait(60)
    assert "/no/such/python" in caplog.text


def test_an_outbox_that_cannot_be_read_is_told_and_harms_nobody(
    closed: LakeUploads, history: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (history / "outbox").write_text("")
    assert not closed.look()
    assert not closed.look()
    assert caplog.text.count("Not a directory") == 1

"""Uploading beside a process that must not wait for it."""

import sys
from pathlib import Path

import pytest
from lake_stage.files import DAY, fill, waiting
from lake_stage.server import S3Server

from lambdascope_analytics.store.lake import background
from lambdascope_analytics.store.lake.background import upload_command, upload_in_background
from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation

NAME = f"{DAY}/a.parquet"


def test_the_command_says_only_what_is_set(location: LakeLocation, tmp_path: Path) -> None:
    command = upload_command(tmp_path, location, LakeAccess(profile="-odd", kms_key="alias/a"))
    module = [sys.executable, "-P", "-m", "lambdascope_analytics.store.lake"]
    assert command == [*module, str(tmp_path), str(location), "--profile=-odd", "--kms-key=alias/a"]


def test_an_upload_goes_on_by_itself(
    history: Path, s3: S3Server, location: LakeLocation, credentials: pytest.MonkeyPatch
) -> None:
    contents = fill(history, [NAME])
    upload_in_background(history, location, LakeAccess(endpoint=s3.url)).join(60)
    assert s3.contents(location.prefix) == contents


def test_a_failure_is_logged_in_its_words(
    history: Path, location: LakeLocation, no_aws: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(history, [NAME])
    upload_in_background(history, location, LakeAccess(endpoint="http://127.0.0.1:1", region="x")).join(60)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "what is left stays and waits: s3://lake/" in record.getMessage()
    assert "no usable credentials" in record.getMessage()
    assert waiting(history) == [NAME]


def test_a_child_that_cannot_start_harms_nobody(
    history: Path, location: LakeLocation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background.sys, "executable", "/no/such/python")
    upload_in_background(history, location, LakeAccess()).join(60)
    assert "the history is not uploaded" in caplog.text

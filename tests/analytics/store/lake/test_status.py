"""How the lake is doing, as `history info` and `doctor` read it: from files alone."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lake_stage.files import DAY, fill

from lambdascope_analytics.store.lake.status import LakeStatus, LastRun, lake_status, read_last_run, write_last_run

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_history_that_was_never_uploaded_has_nothing_to_tell(history: Path) -> None:
    assert lake_status(history) == LakeStatus(
        waiting_files=0, waiting_bytes=0, oldest_waiting_at=None, foreign_files=0, last_run=LastRun()
    )


def test_what_waits_is_counted_with_its_bytes_and_age(history: Path) -> None:
    fill(history, [f"{DAY}/a.parquet", f"{DAY}/b.parquet"], size=1000)
    fill(history, [f"{DAY}/strange.csv"])
    os.utime(history / "outbox" / DAY / "b.parquet", (AT.timestamp(), AT.timestamp()))
    status = lake_status(history)
    assert (status.waiting_files, status.waiting_bytes) == (2, 2000)
    assert status.oldest_waiting_at == AT
    assert status.foreign_files == 1


def test_the_last_run_is_read_as_it_was_written_by_its_owner_alone(history: Path) -> None:
    run = LastRun(location="s3://lake/a", succeeded_at=AT, error="s3://lake/a: SlowDown", failed_at=AT)
    write_last_run(history, run)
    assert read_last_run(history) == run
    assert lake_status(history).last_run == run
    assert (history / "lake.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"location": 1, "succeeded_at": 5, "error": 1, "failed_at": 1}']
)
def test_a_spoilt_record_is_told_and_means_unknown(history: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    (history / "lake.json").write_text(text)
    assert read_last_run(history) == LastRun()
    assert "cannot read how the last upload went" in caplog.text


def test_the_record_is_plain_json(history: Path) -> None:
    write_last_run(history, LastRun(location="s3://lake"))
    assert json.loads((history / "lake.json").read_text())["location"] == "s3://lake"


def test_asking_loads_no_boto3() -> None:
    # `history info` and the proxy ask; only the uploader's process may pay for boto3.
    program = (
        "import sys, lambdascope_analytics.store.lake.status, lambdascope_analytics.store.lake.background\n"
        "print(*[name for name in ('boto3', 'botocore', 'duckdb', 'pandas') if name in sys.modules])"
    )
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert child.stdout.split() == []

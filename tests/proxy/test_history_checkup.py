from datetime import UTC, datetime
from pathlib import Path

import pytest

from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.lake.status import LastRun, write_last_run
from lambdascope_analytics.store.prepare import prepare
from lambdascope_proxy.finding import Finding
from lambdascope_proxy.history_checkup import examine_history
from lambdascope_proxy.settings import load_settings


def findings(directory: Path, **environ: str) -> dict[str, Finding]:
    return {found.subject: found for found in examine_history(directory, load_settings(environ))}


def test_a_history_that_is_well_is_said_to_be(tmp_path: Path) -> None:
    assert {name: found.status for name, found in findings(tmp_path).items()} == {
        "history": "ok",
        "dropped rows": "ok",
        "history upkeep": "ok",
    }


def test_a_compaction_that_failed_is_told_until_one_goes_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("lambdascope_analytics.store.compaction.connect", full)
        with pytest.raises(Exception, match="No space left"):
            compact(tmp_path, UpkeepOptions())
    found = findings(tmp_path)["history upkeep"]
    assert (found.status, "No space left" in found.detail) == ("warn", True)
    compact(tmp_path, UpkeepOptions())
    assert findings(tmp_path)["history upkeep"].status == "ok"


def test_files_set_aside_are_counted(tmp_path: Path) -> None:
    (tmp_path / "set-aside").mkdir()
    (tmp_path / "set-aside" / "x.parquet").touch()
    found = findings(tmp_path)["history upkeep"]
    assert (found.status, found.detail) == ("warn", "1 files could not be read and are set aside")


def test_a_history_of_a_newer_version_is_named(tmp_path: Path) -> None:
    prepare(tmp_path)
    (tmp_path / "history.version").write_text("999 x")
    found = findings(tmp_path)["history upkeep"]
    assert (found.status, "newer lambdascope (format 999)" in found.detail) == ("warn", True)


def test_what_waits_for_the_lake_and_why_is_told(tmp_path: Path) -> None:
    lake = {"LAMBDASCOPE_HISTORY_S3": "s3://bucket/prefix"}
    assert findings(tmp_path, **lake)["lake"].detail == "0 files (0.0 MB) wait for s3://bucket/prefix"
    write_last_run(tmp_path, LastRun(location="s3://bucket/prefix", error="access denied", failed_at=datetime.now(UTC)))
    found = findings(tmp_path, **lake)["lake"]
    assert (found.status, found.detail.endswith("the last upload failed: access denied")) == ("warn", True)

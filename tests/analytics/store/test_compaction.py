import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from store_stage.rows import ask, compacted, days_ago, numbers, raw_spool, row, segment_files, spool, waiting

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.compaction import compact, main
from lambdascope_analytics.store.due import LOCK, UpkeepOptions
from lambdascope_analytics.store.hidden import hidden_files
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.segments import segments

pytestmark = pytest.mark.usefixtures("impatient")


def test_rows_go_from_closed_spools_to_segments_and_are_there_once(directory: Path) -> None:
    for number in range(3):
        spool(directory, [row(2 * number), waiting(2 * number + 1)])
    report = compacted(directory)
    assert (report.rows, report.spools, report.set_aside) == (6, 3, 0)
    assert numbers(directory) == list(range(6))
    assert [path.name for path in (directory / "spool").iterdir()] == ["_keep.jsonl"]
    assert hidden_files(directory) == []
    assert not (directory / "work").exists()
    assert all(path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600) for path in directory.rglob("*"))


def test_doing_it_again_changes_nothing(directory: Path) -> None:
    spool(directory, [row(1)])
    compacted(directory)
    before = segment_files(directory)
    assert compacted(directory).rows == 0
    assert segment_files(directory) == before


def test_what_is_not_due_is_left(directory: Path) -> None:
    spool(directory, [row(1)])
    report = compact(directory, UpkeepOptions())
    assert report is not None
    assert (report.rows, segment_files(directory)) == (0, [])


def test_only_one_process_is_at_it(directory: Path) -> None:
    prepare(directory)
    with exclusive(directory / LOCK, wait_s=0):
        assert compact(directory, UpkeepOptions()) is None
    assert compact(directory, UpkeepOptions()) is not None


def test_expired_days_go_whole_and_what_is_newer_stays(directory: Path) -> None:
    spool(directory, [row(n, at=days_ago(n)) for n in (0, 1, 5, 40)])
    report = compacted(directory, keep_days=5)
    assert report.days_removed == 2
    assert numbers(directory) == [0, 1]
    compacted(directory, keep_bytes=1)
    assert numbers(directory) == [0]


def test_rows_dated_by_a_wrong_clock_are_kept_and_remove_no_others(directory: Path) -> None:
    spool(directory, [row(n, at=days_ago(age)) for n, age in enumerate((0, 3, 20, -400, 9000))])
    assert compacted(directory, keep_days=30).days_removed == 1
    assert numbers(directory) == [0, 1, 2, 3]


def test_a_time_filter_reads_only_the_days_it_needs(directory: Path) -> None:
    """The rows of all other days are made unreadable, so that a query fails which reads more than their footers."""
    spool(directory, [row(1000 * age + n, at=days_ago(age)) for age in range(5) for n in range(300)])
    spool(directory, [waiting(9000 + n, at=days_ago(age)) for age in range(5) for n in range(300)])
    compacted(directory)
    amend(directory, [{"call_id": row(9000)["call_id"], "started_at": days_ago(0), "billed_ms": 1}])
    since = days_ago(0.5).isoformat()
    for part in segments(directory):
        if part.day < days_ago(0.5).date():
            path = directory / part.file
            content = bytearray(path.read_bytes())
            footer = int.from_bytes(content[-8:-4], "little") + 8
            content[4:-footer] = bytes(len(content) - footer - 4)
            path.write_bytes(content)
    sql = f"SELECT count(host), sum(pid) FROM calls WHERE started_at >= TIMESTAMPTZ '{since}'"
    assert ask(directory, sql) == [(0, sum(range(300)) + sum(range(9000, 9300)))]
    with pytest.raises(duckdb.Error):
        ask(directory, "SELECT count(host), sum(pid) FROM calls")


def test_a_history_of_a_newer_version_is_left_as_it_is(directory: Path) -> None:
    spool(directory, [row(1)])
    prepare(directory)
    (directory / "history.version").write_text("99 of tomorrow")
    before = {path: path.stat().st_mtime_ns for path in directory.rglob("*") if path.name != LOCK}
    with pytest.raises(HistoryError, match="newer lambdascope"):
        compact(directory, UpkeepOptions(), everything=True)
    assert {path: path.stat().st_mtime_ns for path in directory.rglob("*") if path.name != LOCK} == before
    assert numbers(directory) == [1]


def test_a_damaged_list_stops_compactions_and_is_named(directory: Path) -> None:
    spool(directory, [row(1)])
    prepare(directory)
    (directory / "hidden.jsonl").write_text("torn{\n")
    with pytest.raises(HistoryError, match=r"hidden\.jsonl is damaged in line 1"):
        compact(directory, UpkeepOptions(), everything=True)
    assert numbers(directory) == [1]


def test_the_command_prints_what_it_did_as_json_and_says_why_it_could_not(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.nice", lambda _: 0)
    spool(directory, [row(1)])
    assert main([str(directory), "--everything", "--options", '{"keep_days": 9}']) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 1
    (tmp_path / "file").touch()
    assert main([str(tmp_path / "file")]) == 1
    assert "cannot be" in capsys.readouterr().err


# A file system of its own that a test fills: other room on this disk must not matter.
FULL = """
import errno, json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from datetime import timedelta
from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store import compactor, publish
publish.SPOOL_GRACE = timedelta()
compactor._LEAST_BIND_S = 0.0
from store_stage.rows import compacted, days_ago, numbers, row, segment_files, spool
directory = Path(sys.argv[1])
spool(directory, [row(n, at=days_ago(n % 3), trace_id=f"{n * 7919:032x}", host=f"{n ** 5}") for n in range(2000)])
if sys.argv[3] == "merge":
    compacted(directory)
    spool(directory, [row(2000 + n, at=days_ago(n % 3), trace_id=f"{n * 104729:032x}") for n in range(2000)])
expected = numbers(directory)
failures = 0
for left in (0, 3_000, 10_000, 30_000, 60_000):
    with (directory / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * 512)
        except OSError as error:
            assert error.errno == errno.ENOSPC
    with (directory / "ballast").open("r+b") as ballast:
        ballast.truncate(max(0, (directory / "ballast").stat().st_size - left))
    try:
        compacted(directory)
    except HistoryError as error:
        failures += 1
        assert "space" in str(error).lower(), error
    assert numbers(directory) == expected
(directory / "ballast").unlink()
compacted(directory)
assert numbers(directory) == expected
assert not list((directory / "spool").glob("[!_]*"))
assert not (directory / "set-aside").exists()
print(failures)
"""


def mounted(tmp_path: Path, options: str, code: str, *arguments: str) -> str:
    """Run Python with a file system mounted at `tmp_path/mount` for it alone; skip where that is not allowed."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    mount = tmp_path / "mount"
    mount.mkdir(exist_ok=True)
    script = f'mount {options} "{mount}" || exit 77; exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", sys.executable, "-c", code, str(mount), *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if finished.returncode == 77 or "unshare" in finished.stderr:
        pytest.skip("may not mount a file system here")
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("stage", ["compact", "merge"])
def test_a_full_disk_loses_nothing_and_is_named_and_there_is_no_trace_of_it_later(stage: str, tmp_path: Path) -> None:
    failures = mounted(tmp_path, "-t tmpfs -o size=2m none", FULL, str(Path(__file__).parent), stage)
    assert int(failures) >= 2


READ_ONLY = """
import sys
from pathlib import Path
from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions
directory = Path(sys.argv[1])
with open_history(directory) as history:
    print([row["pid"] for row in history.query("SELECT pid FROM calls ORDER BY pid")])
try:
    compact(directory, UpkeepOptions(), everything=True)
except HistoryError as error:
    print(error)
"""


@pytest.mark.parametrize("is_prepared", [True, False])
def test_a_read_only_mount_is_read_and_cannot_be_compacted(is_prepared: bool, directory: Path, tmp_path: Path) -> None:
    """Mounted elsewhere its views would name the wrong files, as in a container that mounts another's history."""
    spool(directory, [row(1)])
    compacted(directory)
    spool(directory, [waiting(2)])
    raw_spool(directory, b"torn{")
    if not is_prepared:
        (directory / "history.version").unlink()
    said = mounted(tmp_path, f"--bind -o ro '{directory}'", READ_ONLY).splitlines()
    assert said[0] == "[1, 2]"
    assert "Read-only file system" in said[1]

import fcntl
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.store.spool import SpoolWriter, dropped_rows

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def temporary_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The fallback of the drop counts lies under the temporary directory: give each test its own."""
    directory = tmp_path / "tmp"
    directory.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(directory))
    return directory


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def writer(history: Path) -> Iterator[SpoolWriter]:
    writer = SpoolWriter(history, capacity=100)
    yield writer
    writer.close(0)


def row(number: int = 0, **more: object) -> dict[str, object]:
    return {"started_at": NOW, "pid": number} | more


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def numbers(path: Path) -> list[int]:
    return [line["pid"] for line in lines(path)]


def run_child(code: str, *arguments: str | Path, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*prefix, sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_rows_are_in_the_file_in_order_after_a_flush(writer: SpoolWriter) -> None:
    assert all(writer.append(row(number)) for number in range(50))
    assert writer.flush(PATIENCE_S)
    assert numbers(writer.path) == list(range(50))


def test_nothing_is_touched_before_the_first_row(history: Path, writer: SpoolWriter) -> None:
    assert writer.flush(0)
    assert not history.exists()
    assert "lambdascope-spool" not in {thread.name for thread in threading.enumerate()}


def test_file_and_directories_are_private_and_named_after_host_and_process(history: Path, writer: SpoolWriter) -> None:
    writer.append(row())
    writer.flush(PATIENCE_S)
    assert [path.stat().st_mode & 0o777 for path in (history, history / "spool", writer.path)] == [0o700, 0o700, 0o600]
    assert f"-{os.getpid()}-" in writer.path.name
    assert writer.path.suffix == ".jsonl"
    assert list((history / "spool").iterdir()) == [writer.path]


def test_the_file_is_locked_while_its_owner_lives(writer: SpoolWriter) -> None:
    """A compactor tells a dead owner by this lock."""
    writer.append(row())
    writer.flush(PATIENCE_S)
    with writer.path.open() as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert writer.close(PATIENCE_S)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_killed_process_leaves_whole_lines_and_no_lock(history: Path) -> None:
    code = """
import sys, os, signal
from datetime import datetime, UTC
from pathlib import Path
from lambdascope_analytics.store.spool import SpoolWriter
writer = SpoolWriter(Path(sys.argv[1]))
for number in range(500):
    writer.append({"started_at": datetime.now(UTC), "pid": number})
writer.flush(20)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert run_child(code, history).returncode == -signal.SIGKILL
    (path,) = (history / "spool").iterdir()
    assert numbers(path) == list(range(500))
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_threads_append_at_once_and_no_row_is_lost_or_torn(history: Path) -> None:
    writer = SpoolWriter(history)

    def append_many(first: int) -> None:
        for number in range(first, first + 500):
            writer.append(row(number))

    threads = [threading.Thread(target=append_many, args=(first,)) for first in range(0, 4000, 500)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.close(PATIENCE_S)
    assert sorted(numbers(writer.path)) == list(range(4000))


def test_a_row_changed_after_append_is_written_as_it_was(writer: SpoolWriter) -> None:
    changing = row(1)
    writer.append(changing)
    changing["pid"] = 2
    writer.flush(PATIENCE_S)
    assert numbers(writer.path) == [1]


class Hostile(Mapping[str, object]):
    def __getitem__(self, key: str) -> object:
        raise RuntimeError

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError


@pytest.mark.parametrize("bad", [{"pid": 1}, row(error_message=object()), Hostile(), None, {1: 2}])
def test_a_row_that_cannot_be_stored_is_dropped_and_counted_and_the_next_is_not(
    bad: Any, history: Path, writer: SpoolWriter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    for _ in range(2):
        writer.append(bad)
    assert writer.append(row(7))
    assert writer.flush(PATIENCE_S)
    assert numbers(writer.path) == [7]
    assert writer.drops == {"unfit": 2}
    writer.close(PATIENCE_S)
    assert [(entry.writer, entry.reasons) for entry in dropped_rows(history)] == [(writer.writer, {"unfit": 2})]


def test_an_outage_keeps_rows_up_to_the_capacity_and_recovers(history: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file stands where the directory should be; root is stopped by it too."""
    history.write_text("in the way")
    writer = SpoolWriter(history, capacity=10)
    accepted = [writer.append(row(number)) for number in range(25)]
    assert accepted == [True] * 10 + [False] * 15
    assert not writer.flush(0.3)
    history.unlink()
    assert writer.flush(PATIENCE_S)
    assert writer.append(row(99))
    assert writer.close(PATIENCE_S)
    assert numbers(writer.path) == [*range(10), 99]
    assert writer.drops == {"queue_full": 15}
    assert [entry.total for entry in dropped_rows(history)] == [15]
    assert len([record for record in caplog.records if "cannot be written" in record.getMessage()]) == 1
    assert len([record for record in caplog.records if "again" in record.getMessage()]) == 1


def test_rows_given_up_at_close_are_counted_where_another_process_finds_them(
    history: Path, temporary_directory: Path
) -> None:
    history.write_text("in the way")
    writer = SpoolWriter(history, capacity=10)
    for number in range(13):
        writer.append(row(number))
    assert not writer.close(0.1)
    (entry,) = dropped_rows(history)
    assert (entry.writer, entry.reasons, entry.total) == (writer.writer, {"queue_full": 3, "unwritten": 10}, 13)
    assert [path.stat().st_mode & 0o777 for path in temporary_directory.iterdir()] == [0o700]


def test_a_closed_writer_refuses_and_closing_twice_is_harmless(writer: SpoolWriter) -> None:
    writer.append(row())
    assert writer.close(PATIENCE_S)
    assert writer.close(PATIENCE_S)
    assert not writer.append(row())
    assert writer.drops == {"closed": 1}
    assert len(lines(writer.path)) == 1


def test_a_writer_closed_before_its_first_row_leaves_nothing(history: Path, writer: SpoolWriter) -> None:
    assert writer.close(0)
    assert not history.exists()


def test_a_spool_that_was_deleted_is_made_again(history: Path, writer: SpoolWriter) -> None:
    writer.append(row(1))
    writer.flush(PATIENCE_S)
    shutil.rmtree(history)
    writer.append(row(2))
    writer.flush(PATIENCE_S)
    assert numbers(writer.path) == [2]


def test_append_from_a_signal_handler_does_not_deadlock(history: Path) -> None:
    """The handler runs in the thread that may hold the writer's lock; a plain lock hangs here."""
    code = """
import signal, sys
from datetime import datetime, UTC
from pathlib import Path
from lambdascope_analytics.store.spool import SpoolWriter
writer = SpoolWriter(Path(sys.argv[1]), capacity=1_000_000)
row = {"started_at": datetime.now(UTC)}
hits = 0
def on_alarm(*_):
    global hits
    hits += 1
    writer.append(row)
    # One at a time: on a busy machine signals that come by a clock would pile up within each other.
    if hits < 200:
        signal.setitimer(signal.ITIMER_REAL, 0.0005)
signal.signal(signal.SIGALRM, on_alarm)
signal.setitimer(signal.ITIMER_REAL, 0.0005)
appended = 0
while hits < 200:
    writer.append(row)
    appended += 1
assert writer.close(20), writer.drops
print(appended + hits - len(writer.path.read_text().splitlines()))
"""
    finished = run_child(code, history)
    assert finished.stderr == ""
    assert finished.stdout == "0\n"


FULL_DISK = """
import logging, os, resource, sys
from datetime import datetime, UTC
from pathlib import Path
from lambdascope_analytics.store.spool import SpoolWriter
logging.basicConfig(format="%(message)s")
directory, stage = Path(sys.argv[1]), sys.argv[2]
writer = SpoolWriter(directory, capacity=50)
def append(numbers):
    row = {"started_at": datetime.now(UTC), "runtime": "x" * 500}
    return sum(writer.append(row | {"pid": number}) for number in numbers)
if stage == "filesize":
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
else:
    ballast = directory / "ballast"
    ballast.write_bytes(b"x" * int(sys.argv[3]))
accepted = append(range(60))
assert not writer.flush(0.3)
torn = writer.path.read_bytes()
if stage == "filesize":
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
else:
    ballast.unlink()
assert writer.flush(20)
accepted += append([1000])
assert writer.close(20)
import json
found = [json.loads(line)["pid"] for line in writer.path.read_text().splitlines()]
assert found == [*range(50), 1000], found
assert accepted == len(found)
assert writer.drops == {"queue_full": 10}, writer.drops
print("torn" if not torn.endswith(b"\\n") else "whole")
"""


def test_a_file_that_may_not_grow_loses_no_row_and_tears_no_line_once_it_may(history: Path) -> None:
    """RLIMIT_FSIZE cuts a write in the middle of a line, as a full disk does."""
    finished = run_child(FULL_DISK, history, "filesize")
    assert finished.stdout == "torn\n", finished.stderr
    assert finished.stderr.count("cannot be written") == 1


def test_a_full_disk_loses_no_row_and_tears_no_line_once_there_is_room(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    mount.mkdir()
    script = f'mount -t tmpfs -o size=64k none "{mount}" || exit 77; exec "$@"'
    prefix = ("unshare", "--mount", "sh", "-c", script, "sh")
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    finished = run_child(FULL_DISK, mount, "disk", "45056", prefix=prefix)
    if finished.returncode == 77 or "unshare" in finished.stderr:
        pytest.skip("may not mount a file system here")
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr.count("cannot be written") == 1


@pytest.mark.parametrize("module", ["store.spool", "pricing", "privacy.gate", "fingerprint"])
def test_the_proxy_side_modules_load_without_the_analysis_libraries(module: str) -> None:
    code = (
        f"import sys, lambdascope_analytics.{module}; print(sorted({{'duckdb', 'pandas', 'numpy'}} & set(sys.modules)))"
    )
    finished = run_child(code)
    assert (finished.stdout, finished.stderr) == ("[]\n", "")

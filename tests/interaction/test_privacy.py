"""What a whole run leaves on the disk: files for nobody else to read, and no secret in any of them."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stage.answers import ask, invoke
from stage.proxies import Stage

pytestmark = pytest.mark.anyio

SECRET = "hunter2-in-the-payload"
KEY = "AKIAIOSFODNN7EXAMPLE"
PAYLOAD = {"n": 1, "password": SECRET, "note": f"used {KEY}", "user": {"apiKey": [SECRET]}}


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Of a umask that hides nothing, so that every mode is the one that was asked for."""
    before = os.umask(0)
    yield
    os.umask(before)


def too_open(directory: Path) -> list[str]:
    """What in a directory, and the directory itself, others than its owner may read, write or list."""
    found = [directory, *directory.rglob("*")]
    return [f"{path} {stat.filemode(path.lstat().st_mode)}" for path in found if path.lstat().st_mode & 0o077]


def compact(directory: Path) -> None:
    command = [sys.executable, "-P", "-m", "lambdascope_analytics.store.compaction", str(directory), "--everything"]
    subprocess.run(command, check=True, timeout=120, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@pytest.mark.usefixtures("open_umask")
async def test_nothing_a_run_leaves_is_for_others_or_tells_a_secret(stage: Stage) -> None:
    recording = stage.having(LAMBDASCOPE_RECORD_PAYLOADS="redacted")
    async with recording.client("stdio") as client:
        answer = await invoke(client, "odd-echo", PAYLOAD)
        refused = await invoke(client, KEY, {"password": SECRET})
        await ask(client, "read_result", call_id=KEY)
        assert answer["result"]["event"] == PAYLOAD, "the function and the model get everything"
    kept = recording.history_directory
    assert [path for path in kept.rglob("*.jsonl") if SECRET in path.read_text("utf-8")] == []
    assert [path for path in kept.rglob("*.jsonl") if KEY in path.read_text("utf-8")] == []
    by_call = {str(row["call_id"]): row for row in recording.rows()}
    assert '"password":"[masked]","note":"used [masked]"' in by_call[answer["call_id"]]["request_payload"]
    assert by_call[refused["call_id"]]["function_name"] == "[masked]"
    assert by_call[refused["call_id"]]["request_payload"] is None
    assert too_open(kept) == []

    compact(kept)
    assert [path for path in kept.rglob("*.jsonl") if "spool" in path.parts and path.stat().st_size] == []
    assert [path for path in kept.rglob("*.parquet") if "1970" not in path.parent.name] != []
    assert too_open(kept) == []
    assert {str(row["call_id"]): row for row in recording.rows()} == by_call


def test_the_measure_of_what_is_open_can_fail(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "closed").touch(0o600)
    assert too_open(tmp_path) == []
    (tmp_path / "open").touch()
    (tmp_path / "open").chmod(0o640)
    assert too_open(tmp_path) == [f"{tmp_path / 'open'} -rw-r-----"]

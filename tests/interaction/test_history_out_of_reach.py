"""A history that cannot be written: no call suffers, the log says it once, and what was lost is counted and shown."""

import resource
from pathlib import Path

import pytest
from stage.answers import invoke
from stage.proxies import HttpProxy, Stage
from stage.waiting import eventually

pytestmark = pytest.mark.anyio

COMPLAINT = "history rows cannot be written"


def _complaints(proxy: HttpProxy) -> int:
    return sum(COMPLAINT in line for line in proxy.log)


async def test_a_file_in_the_place_of_the_directory_fails_no_call_and_doctor_counts_what_was_dropped(
    stage: Stage, tmp_path: Path
) -> None:
    stage.history_directory.write_text("I was here first")
    # Drop counts go to the temporary directory when the history has no place for them.
    blocked = stage.having(TMPDIR=str(tmp_path))
    proxy = blocked.serve_http()
    async with proxy.client() as client:
        for number in range(3):
            answer = await invoke(client, "odd-scalar", {"value": number})
            assert (answer["outcome"], answer["result"]) == ("ok", number)
            await eventually(lambda: _complaints(proxy))
    assert proxy.stop() == 0
    assert _complaints(proxy) == 1, "once, not once per call"
    assert stage.history_directory.read_text() == "I was here first"
    doctor = blocked.run("doctor")
    assert "3 calls were not recorded" in doctor.stdout
    assert str(stage.history_directory) in doctor.stdout
    assert "make the directory writable" in doctor.stdout
    assert doctor.returncode == 0, "calls work, so nothing has failed"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit the files of a running process")
async def test_rows_of_calls_on_a_full_disk_wait_and_arrive_when_there_is_room(stage: Stage) -> None:
    """The limit falls in the middle of a row: the torn line must be completed, not left to spoil the next one."""
    proxy = stage.serve_http()
    async with proxy.client() as client:
        first = await invoke(client, "odd-scalar", {"value": 0})
        await stage.row(first["call_id"])
        (spool,) = [path for path in (stage.history_directory / "spool").glob("*.jsonl") if path.stat().st_size]
        _limit_files(proxy, spool.stat().st_size + 100)
        ids = [first["call_id"]]
        for number in range(3):
            answer = await invoke(client, "odd-scalar", {"value": number})
            assert answer["outcome"] == "ok"
            ids.append(answer["call_id"])
        await eventually(lambda: _complaints(proxy))
        assert len(stage.rows()) == 1
        _limit_files(proxy, resource.RLIM_INFINITY)
        await eventually(lambda: len(stage.rows()) == 4)
    assert [str(row["call_id"]) for row in stage.rows()] == ids
    assert proxy.stop() == 0
    assert _complaints(proxy) == 1
    assert "none" in next(line for line in stage.run("doctor").stdout.splitlines() if "dropped rows" in line)


def _limit_files(proxy: HttpProxy, most_bytes: int) -> None:
    resource.prlimit(proxy.process.pid, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))

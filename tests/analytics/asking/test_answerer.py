"""One answering process, seen from its parent: what becomes of either when the other dies."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from lambdascope_analytics.asking.answerer import Answerer, AnswererEndedError

pytestmark = pytest.mark.anyio

# A proxy in small: asks once, tells its child's process id, and is then killed in the middle of its life.
PARENT = """
import asyncio, sys
from pathlib import Path
from lambdascope_analytics.asking.answerer import Answerer

async def main():
    answerer = await Answerer.start(Path(sys.argv[1]))
    await answerer.ask({"statement": "recent_calls", "parameters": {"limit": 1}})
    print(answerer.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_several_questions_at_once_each_get_their_own_answer(tmp_path: Path) -> None:
    answerer = await Answerer.start(tmp_path / "history")
    replies = await asyncio.gather(
        answerer.ask({"statement": "recent_calls", "parameters": {"limit": 1}}),
        answerer.ask({"statement": "no_such", "parameters": {}}),
        answerer.ask({"statement": "monitoring/execution_by_id", "parameters": {"id": "x"}}),
    )
    assert [("error" in reply, reply["id"]) for reply in replies] == [(False, 0), (True, 1), (False, 2)]
    await answerer.close()
    assert answerer.is_over


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="the environment of another process is read there")
async def test_it_finds_refreshed_prices_and_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A container whose user has no entry in passwd has its home in HOME only; a service its data in XDG_DATA_HOME.
    monkeypatch.setenv("HOME", "/home/of-nobody")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    answerer = await Answerer.start(tmp_path / "history")
    # Its answer says that it runs: before, the system may have nothing to tell of it.
    await answerer.ask({"statement": "recent_calls", "parameters": {"limit": 1}})
    told = (await anyio.Path(f"/proc/{answerer.pid}/environ").read_bytes()).decode().split("\0")
    await answerer.close()
    assert {"HOME=/home/of-nobody", f"XDG_DATA_HOME={tmp_path}"} <= set(told)
    assert "hush" not in "".join(told)


async def test_a_question_whose_asker_left_does_not_shift_the_answers_of_the_others(tmp_path: Path) -> None:
    answerer = await Answerer.start(tmp_path / "history")
    left = asyncio.create_task(answerer.ask({"statement": "no_such", "parameters": {}}))
    await asyncio.sleep(0)
    left.cancel()
    assert "rows" in await answerer.ask({"statement": "recent_calls", "parameters": {"limit": 1}})
    assert answerer.is_idle
    await answerer.close()


async def test_who_waits_for_a_process_that_dies_is_told(tmp_path: Path) -> None:
    answerer = await Answerer.start(tmp_path / "history")
    waiting = asyncio.create_task(answerer.ask({"statement": "recent_calls", "parameters": {"limit": 1}}))
    await asyncio.sleep(0)
    os.kill(answerer.pid, signal.SIGKILL)
    with pytest.raises(AnswererEndedError):
        await waiting
    with pytest.raises(AnswererEndedError):
        await answerer.ask({"statement": "recent_calls", "parameters": {"limit": 1}})
    await answerer.close()


def test_the_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "history")], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        descriptor = os.pidfd_open(child)
        parent.kill()
    try:
        # Readable when the process has ended; nobody else can tell, for it is not ours to wait for.
        assert asyncio.run(_ends(descriptor)), "the child outlived its parent"
    finally:
        os.close(descriptor)


async def _ends(descriptor: int) -> bool:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(descriptor, ended.set)
    try:
        await asyncio.wait_for(ended.wait(), 20)
    except TimeoutError:
        return False
    finally:
        asyncio.get_running_loop().remove_reader(descriptor)
    return True

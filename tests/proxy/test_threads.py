"""Blocking calls run beside the event loop, so many at a time."""

import threading

import anyio
import pytest

from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio


async def test_a_blocking_call_leaves_the_loop_free() -> None:
    released = threading.Event()

    async def release() -> None:
        released.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Threads(1).run, lambda: released.wait(20))
        tasks.start_soon(release)  # would never run if the loop waited
    assert released.is_set()


async def test_it_hands_back_what_the_call_returns_and_raises() -> None:
    assert await Threads(1).run(lambda: 7) == 7

    def fail() -> None:
        raise LookupError("x")

    with pytest.raises(LookupError):
        await Threads(1).run(fail)


async def test_no_more_than_the_limit_run_at_once() -> None:
    threads, lock = Threads(3), threading.Lock()
    inside, most = 0, 0
    full = threading.Barrier(3)

    def work() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        full.wait(20)  # three are inside together, or this breaks
        with lock:
            inside -= 1

    async with anyio.create_task_group() as tasks:
        for _ in range(9):
            tasks.start_soon(threads.run, work)
    assert most == 3


async def test_a_cancelled_caller_does_not_wait_for_the_thread() -> None:
    released, ended = threading.Event(), threading.Event()

    def work() -> None:
        released.wait(20)
        ended.set()

    with anyio.move_on_after(0.05) as scope:
        await Threads(1).run(work)
    assert scope.cancelled_caught
    assert not ended.is_set()
    released.set()
    assert ended.wait(20)  # the thread goes on to its end

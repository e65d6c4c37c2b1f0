"""Standard input as lines, without anything that would hold up the end."""

import os
from collections.abc import Callable, Generator

import anyio
import pytest

from lambdascope_proxy.stdin import StdinLines

pytestmark = pytest.mark.anyio


@pytest.fixture
def write() -> Generator[Callable[[bytes], object]]:
    """Writes to what is descriptor 0 during the test; nothing more comes after the test."""
    kept = os.dup(0)
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    os.close(reading)
    yield lambda data: os.write(writing, data) if data else os.close(writing)
    os.dup2(kept, 0)
    os.close(kept)


async def test_lines_come_one_by_one_until_the_end(write: Callable[[bytes], object]) -> None:
    lines = StdinLines()
    write(b'{"a": 1}\n\xff\n')
    write("é\nlast".encode())
    write(b"")
    with anyio.fail_after(20):
        assert [line async for line in lines] == ['{"a": 1}\n', "�\n", "é\n", "last"]


async def test_a_line_is_handed_on_before_the_next_one_comes(write: Callable[[bytes], object]) -> None:
    # A client waits for the answer to its first line before it sends another.
    lines = StdinLines()
    for number in range(3):
        write(b"%d\n" % number)
        with anyio.fail_after(20):
            assert await anext(lines) == f"{number}\n"
    write(b"")


async def test_whoever_else_reads_stdin_takes_no_request(write: Callable[[bytes], object]) -> None:
    lines = StdinLines()
    write(b"request\n")
    assert os.read(0, 100) == b""
    with anyio.fail_after(20):
        assert await anext(lines) == "request\n"
    write(b"")


async def test_waiting_for_a_line_can_be_given_up(write: Callable[[bytes], object]) -> None:
    lines = StdinLines()
    with anyio.move_on_after(0.01) as scope:
        await anext(lines)
    assert scope.cancelled_caught
    write(b"")

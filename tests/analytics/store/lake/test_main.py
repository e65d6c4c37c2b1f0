"""The uploader as a process: killed at any moment, many at once to one prefix, and what it says on its way out."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lake_stage.faults import Exchange, FaultyWay, nothing
from lake_stage.files import DAY, fill, waiting
from lake_stage.server import S3Server

from lambdascope_analytics.store.lake.background import upload_command
from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation
from lambdascope_analytics.store.locks import exclusive

WAIT_S = 60
NAMES = [f"{DAY}/{number}.parquet" for number in range(8)]
Starter = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(history: Path, location: LakeLocation, way: FaultyWay, credentials: pytest.MonkeyPatch) -> Iterator[Starter]:
    """Starts uploaders; those still there at the end are ended."""
    started: list[subprocess.Popen[str]] = []

    def run(directory: Path = history, **access: str) -> subprocess.Popen[str]:
        command = upload_command(directory, location, LakeAccess(**{"endpoint": way.url, **access}))
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, text=True, **pipes))  # pyright: ignore[reportCallIssue, reportArgumentType] -- pipes is a plain dict
        return started[-1]

    yield run
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()


def end_of(child: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and what it wrote; nothing may come on stdout."""
    out, err = child.communicate(timeout=WAIT_S)
    assert out == ""
    return child.returncode, err


def test_a_whole_outbox_goes_up_without_a_word(
    start: Starter, history: Path, s3: S3Server, location: LakeLocation
) -> None:
    contents = fill(history, NAMES)
    assert end_of(start()) == (0, "")
    assert s3.contents(location.prefix) == contents
    assert waiting(history) == []


def test_what_fails_is_told_on_stderr_and_by_the_exit_code(start: Starter, history: Path) -> None:
    fill(history, NAMES)
    code, text = end_of(start(profile="team-x"))
    assert code == 1
    assert "team-x" in text
    assert "Traceback" not in text
    assert waiting(history) == NAMES


def test_empty_variables_count_as_unset(start: Starter, history: Path, credentials: pytest.MonkeyPatch) -> None:
    # Compose files set them so; botocore would look for a profile without a name.
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        credentials.setenv(name, "")
    fill(history, NAMES[:1])
    assert end_of(start()) == (0, "")


def test_a_second_uploader_ends_at_once_and_in_peace(start: Starter, history: Path, way: FaultyWay) -> None:
    fill(history, NAMES)
    with exclusive(history / "lake.lock", wait_s=0):
        assert end_of(start()) == (0, "")
    assert way.seen == []


def test_a_history_that_is_not_there_is_named(start: Starter, tmp_path: Path) -> None:
    code, text = end_of(start(tmp_path / "nowhere"))
    assert code == 1
    assert str(tmp_path / "nowhere") in text
    assert "Traceback" not in text


def test_an_address_that_is_none_is_bad_usage(history: Path) -> None:
    command = [sys.executable, "-m", "lambdascope_analytics.store.lake", str(history), "https://lake"]
    child = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert child.returncode == 2


@pytest.mark.parametrize("moment", ["before the body", "before the answer", "before the look", "after the look"])
def test_an_uploader_killed_at_a_chosen_moment_loses_nothing(
    moment: str, start: Starter, way: FaultyWay, history: Path, s3: S3Server, location: LakeLocation
) -> None:
    contents = fill(history, NAMES[:3])
    child: list[subprocess.Popen[str]] = []
    ready = threading.Event()

    def kills(exchange: Exchange) -> None:
        assert ready.wait(WAIT_S)
        if moment == "before the body":
            child[0].kill()
            exchange.hang_up()
            return
        answer = exchange.forward(exchange.body())
        child[0].kill()
        if moment == "after the look":
            exchange.answer(*answer)
        else:
            exchange.hang_up()

    way.script["HEAD" if "look" in moment else "PUT"].extend([nothing, kills])
    child.append(start())
    ready.set()
    assert end_of(child[0])[0] == -signal.SIGKILL
    there = s3.contents(location.prefix)
    assert set(there) | {name.removesuffix(".done") for name in waiting(history)} == set(contents)
    assert end_of(start()) == (0, "")
    assert s3.contents(location.prefix) == contents
    assert waiting(history) == []


def test_an_uploader_killed_again_and_again_loses_nothing(
    start: Starter, way: FaultyWay, history: Path, s3: S3Server, location: LakeLocation
) -> None:
    names = [f"{DAY}/{number}.parquet" for number in range(60)]
    contents = fill(history, names)
    chance = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID", "alone"))
    for _ in range(5):
        # From a few requests on, so that it is at work and not still importing.
        requests, wanted = len(way.seen), chance.randrange(1, 16)
        child = start()
        reached = threading.Event()
        watch_for(way, requests + wanted, reached)
        assert reached.wait(WAIT_S)
        child.kill()
        assert end_of(child)[0] in {-signal.SIGKILL, 0}
        gone = set(names) - {name.removesuffix(".done") for name in waiting(history)}
        assert gone <= set(s3.keys(location.prefix)), "a file left the outbox before the lake had it"
    assert end_of(start()) == (0, "")
    assert s3.contents(location.prefix) == contents
    assert waiting(history) == []


def watch_for(way: FaultyWay, count: int, reached: threading.Event) -> None:
    """Sets the event once so many requests were seen, or there is nothing more to come."""

    def count_one(exchange: Exchange) -> None:
        if len(way.seen) >= count:
            reached.set()
        nothing(exchange)

    for faults in way.script.values():
        faults.clear()
        faults.extend([count_one] * 200)


def test_many_hosts_share_one_prefix_without_touching_each_others_files(
    start: Starter, tmp_path: Path, s3: S3Server, location: LakeLocation
) -> None:
    expected: dict[str, bytes] = {}
    children: list[subprocess.Popen[str]] = []
    for host in range(6):
        directory = tmp_path / f"host-{host}"
        names = [f"{DAY}/host{host}-4711-0a1b2c3d-{number}-open.parquet" for number in range(5)]
        expected |= fill(directory, names)
        children.append(start(directory, endpoint=s3.url))
    assert [end_of(child) for child in children] == [(0, "")] * 6
    assert s3.contents(location.prefix) == expected

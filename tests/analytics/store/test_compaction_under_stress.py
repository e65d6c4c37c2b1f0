"""The store as it is used at its worst: many processes write, read and compact at once, and some are killed.

`LAMBDASCOPE_STRESS_S` makes it longer; the benchmark has the thousand rounds.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from store_stage import actors
from store_stage.rows import ask, compacted, segment_files

from lambdascope_analytics.store.prepare import prepare

SECONDS = float(os.environ.get("LAMBDASCOPE_STRESS_S", "8"))
PATIENCE_S = 60.0
# Rows become segments at once, so that there is always something to compact and to merge.
EAGER = json.dumps({"interval_s": 0})


class Actor:
    """A process of `actors.py`, and the last line it said."""

    def __init__(self, role: str, directory: Path, *arguments: object) -> None:
        command = [sys.executable, actors.__file__, role, str(directory), *map(str, arguments)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.said = ""
        self.count = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said = line.strip()
            self.count += 1

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def listen_until(self, is_said: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_said():
            assert self.is_alive, self.end()
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def kill(self) -> None:
        self._process.kill()
        self.end()

    def end(self) -> str:
        """Let it end by itself, which it does when its stdin ends; return what it complained of."""
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        assert self._process.stdout is not None
        with self._process.stderr, self._process.stdout:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
            errors = self._process.stderr.read()
            self._process.wait(PATIENCE_S)
            self._listener.join(PATIENCE_S)
        return errors


@contextmanager
def acting(role: str, directory: Path, *arguments: object) -> Iterator[Actor]:
    actor = Actor(role, directory, *arguments)
    try:
        yield actor
    finally:
        if actor.is_alive:
            actor.kill()


def acknowledge(path: Path, writers: dict[int, Actor]) -> None:
    """Tell the readers how far each writer is, in one step."""
    text = "".join(f"{number} {writer.said}\n" for number, writer in writers.items() if writer.said)
    aside = path.with_suffix(".new")
    aside.write_text(text)
    aside.replace(path)


def compacting(directory: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "lambdascope_analytics.store.compaction", str(directory), "--options", EAGER]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def compact_and_kill(directory: Path, dice: random.Random, meanwhile: Callable[[], object] = lambda: None) -> bool:
    """Compact, and kill that a moment after some change of the list of hidden files; whether it was still at it."""
    hidden = directory / "hidden.jsonl"
    changes, seen, wanted = 0, hidden.stat().st_ino, dice.randint(0, 4)
    compactor = compacting(directory)
    deadline = time.monotonic() + PATIENCE_S
    while compactor.poll() is None and changes < wanted and time.monotonic() < deadline:
        meanwhile()
        time.sleep(0.005)
        if (now := hidden.stat().st_ino) != seen:
            changes, seen = changes + 1, now
    time.sleep(dice.uniform(0, 0.3))
    compactor.send_signal(signal.SIGKILL)
    _, errors = compactor.communicate(timeout=PATIENCE_S)
    assert compactor.returncode in (0, -signal.SIGKILL), errors
    return compactor.returncode != 0


def test_nobody_loses_or_doubles_a_row_while_all_work_at_once_and_the_compactor_is_killed(
    directory: Path, tmp_path: Path
) -> None:
    """Four writers, two readers, a user with the database open for writing, and compactors that mostly get killed."""
    dice = random.Random(3)
    prepare(directory)
    acknowledged = tmp_path / "acknowledged"
    with ExitStack() as stage:
        user = stage.enter_context(acting("hold", directory))
        user.listen_until(lambda: user.said == "held")
        writers = {n: stage.enter_context(acting("write", directory, n, 100, 10_000)) for n in range(1, 5)}
        readers = [stage.enter_context(acting("read", directory, acknowledged)) for _ in range(2)]
        actors_of_all = (*writers.values(), *readers, user)
        deadline = time.monotonic() + SECONDS
        kills = 0
        # On a busy machine it takes longer until something was committed.
        while time.monotonic() < deadline or not (kills and len(segment_files(directory)) > 2):
            assert all(actor.is_alive for actor in actors_of_all), [actor.end() for actor in actors_of_all]
            assert time.monotonic() < deadline + 2 * PATIENCE_S
            kills += compact_and_kill(directory, dice, lambda: acknowledge(acknowledged, writers))
        complaints = [actor.end() for actor in actors_of_all]
        last = {number: int(writer.said) for number, writer in writers.items()}
    assert complaints == [""] * 7
    assert min(reader.count for reader in readers) > 3
    assert user.count > 1
    compacted(directory)
    assert [path.name for path in (directory / "spool").glob("*.jsonl") if path.name != "_keep.jsonl"] == []
    actors.check(last, ask(directory, actors.SQL))
    assert not (directory / "set-aside").exists()


def test_whatever_is_killed_every_acknowledged_row_is_there_once(directory: Path) -> None:
    """Writers and compactors killed at any moment; each round goes on with what the last one left behind."""
    dice = random.Random(4)
    rounds = max(3, int(SECONDS / 2))
    prepare(directory)
    last: dict[int, int] = {}
    for number in range(rounds):
        writer = Actor("write", directory, number, 4000, 20_000)
        writer.listen_until(lambda: bool(writer.said))  # noqa: B023 -- done before the next round
        compact_and_kill(directory, dice)
        writer.kill()
        last[number] = int(writer.said)
        actors.check(last, ask(directory, actors.SQL))
    compacted(directory)
    actors.check(last, ask(directory, actors.SQL))
    assert sum(last.values()) > 100 * rounds
    assert not (directory / "set-aside").exists()

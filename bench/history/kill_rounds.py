"""Rounds of kill -9: processes that write and compact are killed at random moments, and what is left is checked.

`python -m bench.history.kill_rounds NAME DIRECTORY ROUNDS SEED` prints one JSON line. Half of the processes are killed
after a random time, the others right before a random one of the changes they make to files.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from shutil import rmtree

from bench.history.forks import Forks, end_notices
from bench.history.kill_summary import Summary
from bench.history.readers import reader
from bench.history.recorders import LAMBDASCOPE
from bench.history.roles import ROWS_OF_A_WRITER, Part
from bench.history.verdict import Promises, judge

ROUNDS_OF_A_DIRECTORY = 25
LONGEST_S = 60.0  # what is still running then hangs
LOOKS = 0.2  # the share of rounds in which somebody reads while the processes are at work
NUMBERS_OF_A_DIRECTORY = 1_000_000
ROLES_OF = {LAMBDASCOPE: ("write", "compact")}


@dataclass(slots=True, kw_only=True)
class Trial:
    """One directory, what was promised of it, and what the rounds so far found."""

    name: str
    directory: Path
    forks: Forks
    draw: random.Random
    summary: Summary
    guess: dict[str, tuple[float, int]]
    next_number: int
    promises: Promises = field(default_factory=Promises)
    is_broken: bool = False

    def calibrate(self) -> None:
        """Run each role to its end, to learn how long that takes and how many steps it has."""
        for role in ROLES_OF.get(self.name, ("write",)):
            self._watch([self._part(role, is_doomed=False)], lambda: None)

    def round(self) -> None:
        """Start processes, kill them, look meanwhile, and check what is left."""
        self.summary.rounds += 1
        before = Promises(kept=set(self.promises.kept), completed=set(self.promises.completed))
        looks = self.name == LAMBDASCOPE and self.draw.random() < LOOKS
        parts = [self._part(role, is_watched=looks) for role in self._cast()]
        before.tried.extend(self.promises.tried)
        self._watch(parts, lambda: self._check(before, "while running") if looks else None)
        self._check(self.promises, "after the kills")

    def finish(self) -> None:
        """Let one compaction come to its end, and check a last time."""
        if self.name == LAMBDASCOPE:
            self._watch([self._part("compact", is_doomed=False)], lambda: None)
        self._check(self.promises, "at the end")

    def _cast(self) -> list[str]:
        writers = ["write"] * self.draw.choice((1, 1, 2))
        compactors = ["compact"] * self.draw.choice((0, 1, 1, 2)) if self.name == LAMBDASCOPE else []
        return writers + compactors

    def _part(self, role: str, *, is_doomed: bool = True, is_watched: bool = False) -> Part:
        first = self.next_number
        if role == "write":
            self.next_number += ROWS_OF_A_WRITER
            self.promises.tried.append(range(first, self.next_number))
        seconds, steps = self.guess.get(role, (LONGEST_S, 1))
        by_step = is_doomed and self.draw.random() < 0.5
        by_time = is_doomed and not by_step
        delay_s = self._delay_s() if role == "write" else 0.0
        return Part(
            role=role,
            name=self.name,
            directory=str(self.directory),
            acks=f"{self.directory}.acks-{self.summary.rounds}-{self.draw.getrandbits(64):x}",
            seed=self.draw.getrandbits(32),
            first=first,
            is_watched=is_watched,
            delay_s=delay_s,
            dies_at_step=self.draw.randint(1, steps) if by_step else 0,
            dies_after_s=delay_s + self.draw.uniform(0.0, 1.1 * seconds) if by_time else LONGEST_S,
        )

    def _delay_s(self) -> float:
        """Return when writing begins: at once, or some time into the compaction beside it."""
        compaction_s, _ = self.guess.get("compact", (0.0, 1))
        return self.draw.choice((0.0, self.draw.uniform(0.0, compaction_s / 2)))

    def _watch(self, parts: list[Part], meanwhile: Callable[[], None]) -> None:
        """Start processes, and kill each when its time is over unless it has ended before."""
        began = time.monotonic()
        alive = {self.forks.start(part): part for part in parts}
        meanwhile()
        with end_notices(alive) as ended:
            while alive:
                now_s = time.monotonic() - began
                for pid, part in alive.items():
                    if now_s >= part.dies_after_s:
                        os.kill(pid, signal.SIGKILL)
                for pid in ended(min(max(0.001, part.dies_after_s - now_s) for part in alive.values())):
                    self._ended(alive.pop(pid), self.forks.wait(pid), time.monotonic() - began)

    def _ended(self, part: Part, status: int, took_s: float) -> None:
        said = Path(part.acks).read_text().splitlines() if Path(part.acks).exists() else []
        self.promises.hear(said)
        Path(part.acks).unlink(missing_ok=True)
        if took_s >= LONGEST_S:
            self.summary.end(self.summary.failed, part.role)
            self.summary.note(f"round {self.summary.rounds}: {part.role} hangs")
        elif os.WIFSIGNALED(status):
            self.summary.end(self.summary.killed, part.role)
        elif os.WEXITSTATUS(status):
            self.summary.end(self.summary.failed, part.role)
            self.summary.note(f"round {self.summary.rounds}: {part.role} failed by itself")
        else:
            self.summary.end(self.summary.ended, part.role)
            self._learn(part.role, took_s - part.delay_s, int(said[-1].split()[1]))

    def _learn(self, role: str, took_s: float, steps: int) -> None:
        _, most_steps = self.guess.get(role, (0.0, 1))
        if steps > most_steps / 2:  # else it found the lock taken, or nothing to do
            self.guess[role] = (took_s, max(steps, most_steps))

    def _check(self, promises: Promises, when: str) -> None:
        where = f"round {self.summary.rounds}, {when}"
        if self.name != LAMBDASCOPE and not promises.kept:
            return  # there may be no file yet
        self.summary.checks += 1
        try:
            found = reader(self.name, self.directory).numbers()
        except Exception as error:  # whatever it is: a history that cannot be read
            self.summary.unreadable += 1
            self.summary.note(f"{where}: {type(error).__name__}: {error}".splitlines()[0])
            self.is_broken = True
            return
        verdict = judge(promises, found)
        self.summary.add(verdict, where)
        self.is_broken = self.is_broken or not verdict.is_clean


def run(name: str, folder: Path, rounds: int, seed: int) -> Summary:
    """Run so many rounds in directories below a folder; one in which something is wrong is left there."""
    draw, summary, number = random.Random(seed), Summary(), 0
    guess: dict[str, tuple[float, int]] = {}
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    with Forks(folder / "nursery.log", name) as forks:
        while summary.rounds < rounds:
            trial = Trial(
                name=name,
                directory=folder / f"directory-{number}",
                forks=forks,
                draw=draw,
                summary=summary,
                guess=guess,
                next_number=number * NUMBERS_OF_A_DIRECTORY,
            )
            _run_trial(trial, min(ROUNDS_OF_A_DIRECTORY, rounds - summary.rounds))
            number += 1
    summary.wall_s = time.monotonic() - began
    return summary


def _run_trial(trial: Trial, rounds: int) -> None:
    trial.directory.mkdir()
    trial.calibrate()
    for _ in range(rounds):
        trial.round()
        if trial.is_broken:
            break
    else:
        trial.finish()
    trial.summary.acknowledged += len(trial.promises.kept)
    if not trial.is_broken:
        rmtree(trial.directory)


def main(name: str, directory: str, rounds: str, seed: str) -> None:
    """Run the rounds."""
    summary = run(name, Path(directory), int(rounds), int(seed))
    print(json.dumps(asdict(summary) | {"is_clean": summary.is_clean}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Interleaved rounds: every subject once, then every subject again, so that a drifting machine drifts for all."""

import statistics
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bench.errors import SUBJECT_FAILURES

Sample = Mapping[str, float]
Run = Callable[[], Awaitable[Sample]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """The samples of each subject in round order, and why a subject has none or fewer."""

    samples: dict[str, list[Sample]] = field(default_factory=dict[str, list[Sample]])
    failures: dict[str, str] = field(default_factory=dict[str, str])

    def medians(self, subject: str) -> dict[str, float]:
        """Return the median of each figure of a subject."""
        samples = self.samples.get(subject, [])
        columns = samples[0] if samples else ()
        return {column: statistics.median(sample[column] for sample in samples) for column in columns}

    def median_ratio(self, column: str, subject: str, *baselines: str) -> float | None:
        """Return the median over rounds of a subject's figure by the sum of its baselines' in the same round."""
        rounds = zip(*(self.samples.get(name, []) for name in (subject, *baselines)), strict=False)
        ratios = [own[column] / sum(base[column] for base in bases) for own, *bases in rounds]
        return statistics.median(ratios) if ratios else None


async def interleave(title: str, count: int, runs: Mapping[str, Run]) -> Rounds:
    """Run every subject once per round; one that fails is left out of the rounds after."""
    rounds = Rounds()
    for number in range(1, count + 1):
        print(f"{title}: round {number} of {count}", file=sys.stderr)
        for subject, run in runs.items():
            if subject in rounds.failures:
                continue
            try:
                rounds.samples.setdefault(subject, []).append(await run())
            except SUBJECT_FAILURES as error:
                rounds.failures[subject] = reason(error)
    return rounds


def reason(error: BaseException) -> str:
    """Return why something was not measured, in one line."""
    return (str(error) or type(error).__name__).splitlines()[0]

"""Pure: whether what a reader finds agrees with what writers said they had kept."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.history.rows import call_id_of

Found = tuple[str, int, str]  # a row's call_id, the number it carries, and its cost_source
COMPLETED = "logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What was acknowledged, and what was tried and may or may not be there."""

    tried: list[range] = field(default_factory=list[range])
    kept: set[int] = field(default_factory=set[int])
    completed: set[int] = field(default_factory=set[int])

    def hear(self, lines: Iterable[str]) -> None:
        """Take in what a process said it had done; a last line without an end counts, as it was one write."""
        for line in lines:
            word, *numbers = line.split()
            if word == "kept":
                self.kept.update(range(int(numbers[0]), int(numbers[1])))
            elif word == "completed":
                self.completed.update(map(int, numbers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many rows are not as promised."""

    lost: int
    doubled: int
    wrong: int

    @property
    def is_clean(self) -> bool:
        """Whether every promise is kept."""
        return not (self.lost or self.doubled or self.wrong)


def judge(promises: Promises, found: Sequence[Found]) -> Verdict:
    """Compare what was promised with what is found.

    Wrong are rows whose two numbers contradict each other, that nobody wrote, or whose completion is gone.
    """
    counts = Counter(number for _, number, _ in found)
    sources = {number: source for _, number, source in found}
    made_up = sum(
        call_id != call_id_of(number) or not any(number in numbers for numbers in promises.tried)
        for call_id, number, _ in found
    )
    uncompleted = sum(sources.get(number, COMPLETED) != COMPLETED for number in promises.completed)
    return Verdict(
        lost=len(promises.kept - counts.keys()),
        doubled=sum(count > 1 for count in counts.values()),
        wrong=made_up + uncompleted,
    )

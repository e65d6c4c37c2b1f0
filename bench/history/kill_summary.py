"""What the rounds of kill -9 came to."""

from dataclasses import dataclass, field

from bench.history.verdict import Verdict

MOST_PROBLEMS = 20


@dataclass(slots=True, kw_only=True)
class Summary:
    """What all rounds came to."""

    rounds: int = 0
    killed: dict[str, int] = field(default_factory=dict[str, int])
    ended: dict[str, int] = field(default_factory=dict[str, int])
    failed: dict[str, int] = field(default_factory=dict[str, int])
    checks: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    unreadable: int = 0
    wall_s: float = 0.0
    problems: list[str] = field(default_factory=list[str])

    def add(self, verdict: Verdict, where: str) -> None:
        """Count the rows of a check that are not as promised."""
        self.lost += verdict.lost
        self.doubled += verdict.doubled
        self.wrong += verdict.wrong
        if not verdict.is_clean:
            self.note(f"{where}: {verdict}")

    def note(self, problem: str) -> None:
        """Keep a problem's description, if there are not too many yet."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def end(self, counts: dict[str, int], role: str) -> None:
        """Count the end of a process among the killed, the ended or the failed."""
        counts[role] = counts.get(role, 0) + 1

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled, wrong or unreadable, and nothing failed that was not killed."""
        return not (self.lost or self.doubled or self.wrong or self.unreadable or self.failed)

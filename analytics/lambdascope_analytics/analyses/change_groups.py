"""What changed of each group for more than chance, and which groups there are in one of the two periods only. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lambdascope_analytics.analyses.change_sides import GroupSides
from lambdascope_analytics.analyses.comparing import LEAST_CALLS, Change, compare_sides, corrected
from lambdascope_analytics.analyses.grouping import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChanges:
    """One group: what changed of it for more than chance; `only_in` says where it is if not in both."""

    group: str
    calls_before: int
    calls_after: int
    only_in: Literal["before", "after"] | None
    changes: tuple[Change, ...]

    @property
    def is_told(self) -> bool:
        """Whether there is something to say of it; that few calls are all in one period is chance."""
        return bool(self.changes) or (self.only_in is not None and self.calls_before + self.calls_after >= LEAST_CALLS)


def compare_groups(groups: Sequence[GroupSides], *, has_rates: bool) -> list[GroupChanges]:
    """Each group, corrected for the number of all tests; the one of which most is to be said comes first."""
    each = [compare_sides(group.before, group.after, has_rates=has_rates) for group in groups]
    judged = iter(corrected([change for changes in each for change in changes]))
    names = labels([group.key for group in groups])
    found = [
        _group(name, group, [change for change in [next(judged) for _ in changes] if change.is_significant])
        for name, group, changes in zip(names, groups, each, strict=True)
    ]
    return sorted(found, key=_weight)


def _group(name: str, sides: GroupSides, changes: Sequence[Change]) -> GroupChanges:
    before, after = sides.before.total.calls, sides.after.total.calls
    # Of a period of which nothing is known it cannot be said to be missing.
    is_known = bool(sides.before.hours and sides.after.hours)
    only_in = None if not is_known or (before and after) else "before" if before else "after"
    return GroupChanges(group=name, calls_before=before, calls_after=after, only_in=only_in, changes=tuple(changes))


def _weight(group: GroupChanges) -> tuple[float, bool, int]:
    # What costs more or less per hour comes first by how much, then what changed, then what came or went.
    costs = [change.difference for change in group.changes if change.measure == "cost_per_hour_usd"]
    dearer = -abs(float(costs[0] or 0)) if costs else 0.0
    return dearer, not group.changes, -group.calls_after - group.calls_before

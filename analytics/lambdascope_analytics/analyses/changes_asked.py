"""What is compared with what: two periods, or two versions in one, and the buckets both are cut into. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lambdascope_analytics.analyses.buckets import Buckets, size_for
from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.analyses.grouping import read_group
from lambdascope_analytics.analyses.listing import read_top
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.errors import QuestionError

# Groups that may exist before and after.
COMPARED: Final = ("function", "tool", "client", "principal", "version", "region")
# More would take so many tests that none could be sure of anything.
MOST_GROUPS: Final = 20
# Percentiles of more would take seconds, and hardly be surer: what they waver by is the time, not the calls.
MOST_TIMED: Final = 1_500_000
# A share of them tells nothing of a clock that knows whole milliseconds only, if the number divides a thousand.
_SAMPLES: Final = (1, 3, 7, 13, 29, 61, 127, 257)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A question that makes sense; `size_s` are the seconds of a bucket.

    `known_from` is when the history begins, None if it is empty; a period in which it begins is cut
    to begin there. `named` is `after` as it was asked for.
    """

    before: Period
    after: Period
    named: Period
    size_s: int
    group_by: str | None
    top: int
    function_name: str | None
    scope: FunctionScope
    version: str | None
    before_version: str | None
    known_from: datetime | None
    is_cut: bool
    has_own_before: bool

    def knows(self, period: Period) -> bool:
        """Whether the history holds anything of a period: where it begins later, none were recorded is no zero."""
        return self.known_from is not None and self.known_from < period.end

    @property
    def span(self) -> Period:
        """From the earlier of the starts to the later of the ends."""
        return Period(start=min(self.before.start, self.after.start), end=max(self.before.end, self.after.end))

    @property
    def sides(self) -> tuple[Buckets, Buckets]:
        """The buckets of before and after."""
        before, after = (
            Buckets.of(period, self.size_s, is_known=self.knows(period)) for period in (self.before, self.after)
        )
        return before, after

    @property
    def of_periods(self) -> dict[str, object]:
        """The two periods and the function, as every statement takes them."""
        return {
            **self.after.parameters,
            "before_after": self.before.start,
            "before_before": self.before.end,
            "first_after": self.span.start,
            "last_before": self.span.end,
            **self.scope.parameters,
        }

    @property
    def of_groups(self) -> dict[str, object]:
        """What to group by, which versions to tell apart and how long a bucket is."""
        return {
            "group_by": self.group_by,
            "version": self.version,
            "before_version": self.before_version,
            "bucket_s": self.size_s,
        }


def read_comparison(
    after: Period,
    *,
    before_start: datetime | None,
    before_end: datetime | None,
    group_by: str | None,
    top: int,
    function_name: str | None,
    version: str | None,
    before_version: str | None,
    known_from: datetime | None,
) -> Comparison:
    """The question as it is meant, about periods of which the history knows: it begins at `known_from`.

    Raises:
        QuestionError: it makes no sense.
    """
    _check_versions(function_name, version, before_version, has_period=before_start is not None)
    asked = (after if version else _before(after, before_start, before_end), after)
    before, after = (_known(period, known_from) for period in asked)
    return Comparison(
        before=before,
        after=after,
        named=asked[1],
        size_s=size_for(before, after),
        group_by=read_group(group_by, COMPARED) if group_by else None,
        top=read_top(top),
        function_name=function_name,
        scope=FunctionScope.of(function_name),
        version=version,
        before_version=before_version,
        known_from=known_from,
        is_cut=(before, after) != asked,
        has_own_before=before_start is not None,
    )


def sample_for(calls: int) -> int:
    """Of how many calls the time of one is looked at."""
    return next((size for size in _SAMPLES if calls / size <= MOST_TIMED), _SAMPLES[-1])


def _known(period: Period, since: datetime | None) -> Period:
    """What the history knows of a period: time before its first call is no time without calls."""
    if since is None or not period.start < since < period.end:
        return period
    return Period(start=since, end=period.end)


def _before(after: Period, start: datetime | None, end: datetime | None) -> Period:
    if start is None and end is None:
        return after.previous()
    if start is None or end is None:
        raise QuestionError("before_start", "goes with before_end")
    before = Period(start=start, end=end)
    if before.start < after.end and after.start < before.end:
        raise QuestionError("before_end", "is after start: the two periods must not overlap")
    return before


def _check_versions(function_name: str | None, version: str | None, before: str | None, *, has_period: bool) -> None:
    if version is None and before is None:
        return
    if version is None or before is None:
        raise QuestionError("version", "goes with before_version: name both to compare them")
    if function_name is None:
        raise QuestionError("function_name", "is missing: versions are those of one function")
    if version == before:
        raise QuestionError("before_version", f"is {before!r}, as version is: name two")
    if has_period:
        raise QuestionError("before_start", "goes without versions: both are compared within one period")

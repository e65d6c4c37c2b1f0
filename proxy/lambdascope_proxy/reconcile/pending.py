"""Executions that wait for their report, and the questions to the logs in which they are looked for together. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from lambdascope_proxy.cloudwatch.log_scope import group_of
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.reconcile.queries import MOST_IDS
from lambdascope_proxy.selection import Function, Place

# Logs are not there at once.
LATE: Final = timedelta(minutes=1)
BEFORE: Final = timedelta(minutes=1)
# Lambda tries a failed event again about one and two minutes later; so long after an attempt no other is expected.
QUIET: Final = timedelta(minutes=15)
# Time for two attempts and then for the quiet, so that one look tells how most calls ended.
REACH: Final = timedelta(minutes=20)
# Lambda tries an event again for so long when it is throttled or fails itself.
EVENT_REACH: Final = timedelta(hours=6, minutes=15)
MOST_ATTEMPTS: Final = 3
# What the logs tell in one answer, and what one refusal of a query leaves open, has an end.
MOST_SPAN: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A call that ran, or will, and whose report is not known."""

    call_id: str
    started_at: datetime
    invoke_ms: float | None
    function_name: str
    region: str
    account_id: str | None
    architecture: str | None
    request_id: str
    outcome: str
    executed_version: str | None
    request_bytes: int | None
    trace_id: str | None = None
    span_id: str | None = None
    tool_name: str | None = None
    client_name: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Pending":
        """Read a row of the question `pending`."""
        return cls(**row)

    @property
    def is_event(self) -> bool:
        """Whether nobody waited for its end, so that Lambda may try it several times."""
        return self.outcome == "accepted"


Member = tuple[Pending, Function]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Executions whose reports one query looks for."""

    place: Place
    group: str
    window: Window
    members: tuple[Member, ...]

    @property
    def span(self) -> timedelta:
        """How far its first and its last execution lie apart."""
        return self.members[-1][0].started_at - self.members[0][0].started_at

    @property
    def is_small(self) -> bool:
        """Whether its requests fit into one query by name."""
        return len(self.members) <= MOST_IDS

    @property
    def has_events(self) -> bool:
        """Whether it matters how they ended: who waited was told."""
        return any(pending.is_event for pending, _ in self.members)

    def only(self, members: Sequence[Member], now: datetime, reach: timedelta) -> "Batch":
        """The batch with these of its executions, at least one, and the window for them."""
        return replace(self, members=tuple(members), window=_window(members, now, reach))


def quiet_time(function: Function) -> timedelta:
    """How long after a report no other attempt is expected any more."""
    return QUIET + timedelta(seconds=function.timeout_s)


def batches_of(members: Iterable[Member], now: datetime, *, reach: timedelta = REACH) -> list[Batch]:
    """Executions of one log group that lie close together in time, within six hours; the latest batch first.

    The window of each batch begins a minute before its first execution and ends `reach` after its last one, and as
    much later as all attempts may run; never after now.
    """
    by_group: dict[tuple[Place, str], list[Member]] = defaultdict(list)
    for pending, function in members:
        by_group[function.place, group_of(function)].append((pending, function))
    return [
        Batch(place=place, group=group, window=_window(run, now, reach), members=tuple(run))
        for (place, group), those in by_group.items()
        for run in reversed(_runs(sorted(those, key=lambda each: each[0].started_at), reach))
    ]


def split(batch: Batch, now: datetime, *, reach: timedelta = REACH) -> list[Batch]:
    """The same executions in batches of at most 100, oldest first, each with a window of its own."""
    parts = (batch.members[at : at + MOST_IDS] for at in range(0, len(batch.members), MOST_IDS))
    return [batch.only(part, now, reach) for part in parts]


def halves(batch: Batch, now: datetime, *, reach: timedelta = REACH) -> list[Batch]:
    """The same executions, which span some time, in two batches of half the span, oldest first."""
    middle = batch.members[0][0].started_at + batch.span / 2
    at = next(index for index, (pending, _) in enumerate(batch.members) if pending.started_at > middle)
    return [batch.only(part, now, reach) for part in (batch.members[:at], batch.members[at:])]


def may_have_run_later(pending: Pending, function: Function, now: datetime) -> bool:
    """Whether Lambda may have run it after the window in which it is looked for at first."""
    return pending.is_event and first_end(pending, function) < now


def first_end(pending: Pending, function: Function) -> datetime:
    """The end of the window in which a call is looked for at first."""
    return pending.started_at + REACH + _all_attempts([function])


def last_end(pending: Pending, function: Function) -> datetime:
    """When no attempt at an event can come any more."""
    return pending.started_at + EVENT_REACH + _all_attempts([function])


def next_look(pending: Pending, function: Function, now: datetime, reach: timedelta) -> datetime | None:
    """When to look again for a call that is looked for now, as far as `reach`; None if this is the last time.

    Three times at most: soon, when its attempts should be over, and an event when no attempt can come any more.
    """
    if reach > REACH:
        return None
    if (end := first_end(pending, function) + LATE) > now:
        return end
    return max(last_end(pending, function) + LATE, now) if pending.is_event else None


def _runs(members: Sequence[Member], reach: timedelta) -> list[list[Member]]:
    runs: list[list[Member]] = []
    for member in members:
        if (
            runs
            and member[0].started_at - runs[-1][-1][0].started_at <= reach + BEFORE
            and member[0].started_at - runs[-1][0][0].started_at <= MOST_SPAN
        ):
            runs[-1].append(member)
        else:
            runs.append([member])
    return runs


def _window(members: Sequence[Member], now: datetime, reach: timedelta) -> Window:
    end = members[-1][0].started_at + reach + _all_attempts(function for _, function in members)
    return Window(start=members[0][0].started_at - BEFORE, end=min(end, now))


def _all_attempts(functions: Iterable[Function]) -> timedelta:
    return timedelta(seconds=max(function.timeout_s for function in functions) * MOST_ATTEMPTS)

"""Which executions are looked for together, and in what span of time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from lambdascope_proxy.aws.places import Place
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.reconcile.pending import (
    EVENT_REACH,
    REACH,
    Pending,
    batches_of,
    halves,
    may_have_run_later,
    next_look,
    split,
)
from lambdascope_proxy.selection import Function

PendingOf = Callable[..., Pending]
FunctionOf = Callable[..., Function]
MINUTE = timedelta(minutes=1)
LATER = timedelta(hours=12)


def test_a_window_begins_a_minute_before_and_ends_when_all_attempts_must_be_over(
    pending_of: PendingOf, function_of: FunctionOf, noon: datetime
) -> None:
    members = [(pending_of(1), function_of(timeout_s=60)), (pending_of(2, started_at=noon + MINUTE), function_of())]
    (batch,) = batches_of(members, noon + LATER)
    assert batch.place == Place(region="us-east-1", account_id="123456789012")
    assert batch.group == "/aws/lambda/orders"
    # 20 minutes after the last, and three times the longest timeout.
    assert batch.window == Window(start=noon - MINUTE, end=noon + 24 * MINUTE)
    (late,) = batches_of(members, noon + LATER, reach=EVENT_REACH)
    assert late.window.end == noon + MINUTE + EVENT_REACH + 3 * MINUTE


def test_only_an_event_whose_first_window_is_over_is_looked_for_any_longer(
    pending_of: PendingOf, function_of: FunctionOf, noon: datetime
) -> None:
    """Else the same logs would be scanned twice."""
    function = function_of(timeout_s=60)
    assert not may_have_run_later(pending_of(), function, noon + 23 * MINUTE)
    assert may_have_run_later(pending_of(), function, noon + 24 * MINUTE)
    assert not may_have_run_later(pending_of(outcome="ok"), function, noon + LATER)


def test_no_window_ends_in_the_future(pending_of: PendingOf, function_of: FunctionOf, noon: datetime) -> None:
    (batch,) = batches_of([(pending_of(), function_of())], noon + MINUTE)
    assert batch.window.end == noon + MINUTE


def test_calls_far_apart_are_looked_for_apart_so_that_what_lies_between_is_not_scanned(
    pending_of: PendingOf, function_of: FunctionOf, noon: datetime
) -> None:
    times = [noon, noon + 21 * MINUTE, noon + 43 * MINUTE]
    members = [(pending_of(n, started_at=time), function_of()) for n, time in enumerate(times)]
    found = batches_of(members[::-1], noon + LATER)
    assert [[pending.started_at for pending, _ in batch.members] for batch in found] == [times[2:], times[:2]]


def test_each_log_group_and_region_is_asked_by_itself_and_functions_that_share_one_together(
    pending_of: PendingOf, function_of: FunctionOf, noon: datetime
) -> None:
    members = [
        (pending_of(1), function_of("a", log_group="shared")),
        (pending_of(2), function_of("b", log_group="shared")),
        (pending_of(3), function_of("b", log_group="shared", region="eu-west-1")),
        (pending_of(4), function_of("c")),
    ]
    found = {(batch.place.region, batch.group): len(batch.members) for batch in batches_of(members, noon)}
    assert found == {("us-east-1", "shared"): 2, ("eu-west-1", "shared"): 1, ("us-east-1", "/aws/lambda/c"): 1}


def test_many_of_one_time_are_one_batch_that_can_be_split_into_hundreds_with_windows_of_their_own(
    pending_of: PendingOf, function_of: FunctionOf, noon: datetime
) -> None:
    second = timedelta(seconds=1)
    members = [(pending_of(number, started_at=noon + number * second), function_of()) for number in range(250)]
    (batch,) = batches_of(members, noon + LATER)
    assert (len(batch.members), batch.is_small) == (250, False)
    parts = split(batch, noon + LATER)
    assert [(len(part.members), part.is_small) for part in parts] == [(100, True), (100, True), (50, True)]
    assert [part.window.start for part in parts] == [noon + number * second - MINUTE for number in (0, 100, 200)]


def test_no_batch_spans_more_than_six_hours_and_halves_are_of_half_the_span(
    pending_of: PendingOf, function_of: FunctionOf, noon: datetime
) -> None:
    members = [(pending_of(n, started_at=noon + n * 10 * MINUTE), function_of()) for n in range(100)]
    found = batches_of(members, noon + timedelta(days=2))
    assert [batch.span for batch in found] == [250 * MINUTE, 360 * MINUTE, 360 * MINUTE]
    assert sum(len(batch.members) for batch in found) == 100
    early, late = halves(found[1], noon + timedelta(days=2))
    assert (early.members + late.members, early.span, late.span) == (found[1].members, 180 * MINUTE, 170 * MINUTE)
    assert late.window.start == late.members[0][0].started_at - MINUTE


def test_a_call_is_looked_for_three_times_at_most(
    pending_of: PendingOf, function_of: FunctionOf, noon: datetime
) -> None:
    event, call, function = pending_of(), pending_of(outcome="ok"), function_of(timeout_s=60)
    assert next_look(event, function, noon + MINUTE, REACH) == noon + 24 * MINUTE
    last = noon + EVENT_REACH + 4 * MINUTE
    assert next_look(event, function, noon + 24 * MINUTE, REACH) == last
    assert next_look(event, function, noon + LATER, REACH) == noon + LATER, "all of its time is still to be read"
    assert next_look(event, function, last, EVENT_REACH) is None
    assert next_look(call, function, noon + MINUTE, REACH) == noon + 24 * MINUTE
    assert next_look(call, function, noon + 24 * MINUTE, REACH) is None


def test_how_calls_ended_is_asked_only_where_nobody_was_told(
    pending_of: PendingOf, function_of: FunctionOf, noon: datetime
) -> None:
    (sync,) = batches_of([(pending_of(outcome="ok"), function_of())], noon)
    (both,) = batches_of([(pending_of(outcome="ok"), function_of()), (pending_of(2), function_of())], noon)
    assert (sync.has_events, both.has_events) == (False, True)

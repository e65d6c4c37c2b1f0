"""AWS/Lambda from a journal whose every figure is known."""

import pytest

from lambdascope_proxy.local.activity import ConcurrencyRecord, EventRecord
from lambdascope_proxy.local.logs import InvocationRecord, Journal
from lambdascope_proxy.local.metrics.lambda_metrics import LambdaMetrics
from lambdascope_proxy.local.metrics.samples import Dimensions, dimensions_of

BASE_MS = 1_800_000_000_000


def record(at_s: int, outcome: str, duration_ms: float = 0.0, **more: str | None) -> InvocationRecord:
    given = {"function_name": "f", "qualifier": None, "version": "$LATEST", "request_id": "r", **more}
    return InvocationRecord(started_ms=BASE_MS + at_s * 1000, outcome=outcome, duration_ms=duration_ms, **given)  # type: ignore[arg-type] # the names are as the record has them


RECORDS = [
    record(1, "success", 10.5),
    record(2, "error", 20.0),
    record(3, "timeout", 3000.0, qualifier="live", version="2"),
    record(4, "failure", 5.0, qualifier="2", version="2"),
    record(5, "throttled", qualifier="live", version="2"),
    record(6, "success", 7.0, function_name="g"),
    record(7, "success", 8.0, qualifier="$LATEST"),
]
F = dimensions_of({"FunctionName": "f"})


def resource(qualifier: str, **more: str) -> Dimensions:
    return dimensions_of({"FunctionName": "f", "Resource": f"f:{qualifier}", **more})


FIGURES: list[tuple[Dimensions, list[int], list[int], list[int], list[float]]] = [
    # dimensions, seconds of invocations, of errors, of throttles, durations
    ((), [1, 2, 3, 4, 6, 7], [2, 3, 4], [5], [10.5, 20, 3000, 5, 7, 8]),
    (F, [1, 2, 3, 4, 7], [2, 3, 4], [5], [10.5, 20, 3000, 5, 8]),
    (dimensions_of({"FunctionName": "g"}), [6], [], [], [7]),
    (resource("live"), [3], [3], [5], [3000]),
    (resource("live", ExecutedVersion="2"), [3], [3], [5], [3000]),
    (resource("2"), [4], [4], [], [5]),
    (resource("$LATEST"), [7], [], [], [8]),
    (resource("2", ExecutedVersion="2"), [], [], [], []),  # a version is no alias
    (dimensions_of({"FunctionName": "unknown"}), [], [], [], []),
    (dimensions_of({"Resource": "f:live"}), [], [], [], []),
]


def journal_of(records: list[InvocationRecord]) -> Journal:
    journal = Journal()
    for each in records:
        journal.add_invocation(each)
    return journal


@pytest.mark.parametrize(("dimensions", "invocations", "errors", "throttles", "durations"), FIGURES)
def test_every_dimension_set_has_its_own_figures(
    dimensions: Dimensions, invocations: list[int], errors: list[int], throttles: list[int], durations: list[float]
) -> None:
    metrics = LambdaMetrics(journal_of(RECORDS), BASE_MS + 10_000)

    def seconds(name: str) -> list[float]:
        samples = metrics.samples(name, dimensions)
        return [(each.timestamp_ms - BASE_MS) / 1000 for each in samples for _ in range(int(each.total))]

    assert seconds("Invocations") == invocations
    assert seconds("Errors") == errors
    assert seconds("Throttles") == throttles
    assert [each.total for each in metrics.samples("Duration", dimensions)] == durations


def test_errors_average_to_the_error_rate_and_throttled_calls_are_no_invocations() -> None:
    errors = LambdaMetrics(journal_of(RECORDS), BASE_MS + 10_000).samples("Errors", F)
    assert (sum(each.total for each in errors), len(errors)) == (3, 5)


def test_units_are_those_of_aws() -> None:
    metrics = LambdaMetrics(journal_of(RECORDS), BASE_MS + 10_000)
    units = {name: {each.unit for each in metrics.samples(name, F)} for name in ("Errors", "Duration")}
    assert units == {"Errors": {"Count"}, "Duration": {"Milliseconds"}}


@pytest.mark.parametrize("name", ["BilledDuration", "InitDuration", "ColdStarts", "DeadLetterErrors", "invocations"])
def test_a_metric_aws_has_not_or_this_stage_does_not_cause_is_empty(name: str) -> None:
    assert LambdaMetrics(journal_of(RECORDS), BASE_MS + 10_000).samples(name, F) == []


EVENTS = [
    EventRecord(at_ms=BASE_MS, function_name="f", qualifier="live", step="received"),
    EventRecord(at_ms=BASE_MS + 5, function_name="f", qualifier="live", step="started", age_ms=5.0),
    EventRecord(at_ms=BASE_MS + 1005, function_name="f", qualifier="live", step="started", age_ms=1005.0),
    EventRecord(at_ms=BASE_MS + 2000, function_name="f", qualifier="live", step="dropped", age_ms=2000.0),
    EventRecord(at_ms=BASE_MS + 3000, function_name="g", qualifier=None, step="received"),
]


@pytest.mark.parametrize(
    ("dimensions", "received", "ages", "dropped"),
    [
        ((), 2, [5, 1005], 1),
        (F, 1, [5, 1005], 1),
        (resource("live"), 1, [5, 1005], 1),
        (dimensions_of({"FunctionName": "g"}), 1, [], 0),
        (resource("live", ExecutedVersion="2"), 0, [], 0),
    ],
)
def test_event_invocations_have_their_own_metrics(
    dimensions: Dimensions, received: int, ages: list[float], dropped: int
) -> None:
    journal = Journal()
    for each in EVENTS:
        journal.activity.add_event(each)
    metrics = LambdaMetrics(journal, BASE_MS)
    assert len(metrics.samples("AsyncEventsReceived", dimensions)) == received
    assert [each.total for each in metrics.samples("AsyncEventAge", dimensions)] == ages
    assert len(metrics.samples("AsyncEventsDropped", dimensions)) == dropped


def busy(at_s: int, name: str, qualifier: str | None, *levels: int) -> ConcurrencyRecord:
    account, unreserved, function, same = levels
    return ConcurrencyRecord(
        at_ms=BASE_MS + at_s * 1000,
        function_name=name,
        qualifier=qualifier,
        of_account=account,
        of_unreserved=unreserved,
        of_function=function,
        of_qualifier=same,
    )


@pytest.mark.parametrize(
    ("name", "dimensions", "expected"),
    [
        ("ConcurrentExecutions", (), [(0, 1), (1, 2), (2, 3), (3, 2), (4, 1), (60, 1)]),
        ("UnreservedConcurrentExecutions", (), [(1, 1), (2, 2), (3, 2), (4, 1), (60, 1)]),
        ("UnreservedConcurrentExecutions", F, []),
        ("ConcurrentExecutions", F, [(1, 1), (2, 2), (4, 1), (60, 1)]),
        ("ConcurrentExecutions", resource("live"), [(2, 1)]),
        ("ConcurrentExecutions", dimensions_of({"FunctionName": "g"}), [(0, 1)]),
    ],
)
def test_concurrency_is_counted_for_the_account_the_function_and_the_qualifier(
    name: str, dimensions: Dimensions, expected: list[tuple[int, float]]
) -> None:
    """One call of g with reserved concurrency, and two of f, of which one is under way for another minute."""
    journal = Journal()
    for each in (
        busy(0, "g", None, 1, 0, 1, 1),
        busy(1, "f", None, 2, 1, 1, 1),
        busy(2, "f", "live", 3, 2, 2, 1),
        busy(3, "g", None, 2, 2, 0, 0),
        busy(4, "f", "live", 1, 1, 1, 0),
        busy(70, "f", None, 0, 0, 0, 0),
    ):
        journal.activity.add_concurrency(each)
    samples = LambdaMetrics(journal, BASE_MS + 600_000).samples(name, dimensions)
    assert [((each.timestamp_ms - BASE_MS) // 1000, each.total) for each in samples] == expected


def test_what_is_known_is_what_has_been_used() -> None:
    metrics = LambdaMetrics(journal_of(RECORDS[:1]), BASE_MS)
    named = {key.name for key in metrics.known() if metrics.samples(key.name, key.dimensions)}
    assert named == {"Invocations", "Errors", "Throttles", "Duration"}
    assert {key.dimensions for key in metrics.known()} == {(), F}

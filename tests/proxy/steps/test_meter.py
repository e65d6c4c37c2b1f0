"""The metrics of a call, whole, for every kind of end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_proxy.call import Aim, Call, Failure, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.pipeline import build_pipeline
from lambdascope_proxy.steps.client_span import ClientSpanStep
from lambdascope_proxy.steps.meter import MeterStep

pytestmark = pytest.mark.anyio

RAN = Invocation(
    region="eu-west-1",
    invoke_ms=300.0,
    duration_ms=40.0,
    billed_ms=240,
    init_ms=200.0,
    overhead_ms=60.0,
    cold_start=True,
    memory_mb=256,
    max_memory_mb=64,
    cost_usd=Decimal("0.0000012"),
    cost_source="measured",
)
FUNCTION = (("faas.invoked_name", "orders"), ("faas.invoked_region", "eu-west-1"))
CALLER = (("gen_ai.tool.name", "invoke_function"), ("lambdascope.client.name", "tests"))
OF_CLIENT = (*FUNCTION, ("lambdascope.client.name", "tests"))


def series(*attributes: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(attributes))


def ending_in(outcome: Outcome) -> Callable[[Call], Any]:
    async def run(call: Call) -> Outcome:
        return outcome

    return run


async def test_all_that_is_known_of_a_cold_execution_is_metered(metered: Any, call_of: Callable[..., Call]) -> None:
    await MeterStep(metered.meters)(call_of(), ending_in(Outcome(kind=OutcomeKind.OK, invocation=RAN)))
    read = metered.read()
    ended = ("lambdascope.outcome", "ok")
    assert read.pop("lambdascope.proxy.duration").keys() == {
        series(*FUNCTION, *CALLER[:1], ("lambdascope.target", "lambda"))
    }
    assert read == {
        "lambdascope.calls": {series(*FUNCTION, *CALLER, ended, ("lambdascope.target", "lambda")): 1},
        "lambdascope.calls.in_flight": {series(("lambdascope.target", "lambda")): 0},
        "lambdascope.cost": {series(*FUNCTION, *CALLER, ended, ("lambdascope.cost_source", "measured")): 1.2e-6},
        "lambdascope.lambda.invoke.duration": {
            series(*FUNCTION, ended, ("lambdascope.cold_start", "true")): (1, 0.3),
        },
        "lambdascope.lambda.handler.duration": {series(*FUNCTION, ("lambdascope.cold_start", "true")): (1, 0.04)},
        "lambdascope.lambda.platform.duration": {FUNCTION: (1, 0.06)},
        "lambdascope.lambda.init.duration": {FUNCTION: (1, 0.2)},
        "lambdascope.lambda.billed.duration": {OF_CLIENT: 0.24},
        "lambdascope.lambda.memory.utilization": {FUNCTION: (1, 0.25)},
        "lambdascope.lambda.cold_starts": {FUNCTION: 1},
        "lambdascope.lambda.init.cost": {OF_CLIENT: pytest.approx(1e-6)},  # 200 of 240 billed ms
        "lambdascope.lambda.unused_memory.cost": {OF_CLIENT: pytest.approx(0.9e-6)},  # three quarters
    }


async def test_a_call_of_another_server_is_none_of_lambda(metered: Any, call_of: Callable[..., Call]) -> None:
    # Else its time would stand among that of functions, and each call without a price that is set would lack one.
    call = replace(call_of(), function=None, aim=Aim(target="upstream:shop", upstream_tool="add"))
    priced = Invocation(invoke_ms=80.0, cost_usd=Decimal("0.01"), cost_source="configured")
    for sent in (priced, replace(priced, cost_usd=None, cost_source="none")):
        await MeterStep(metered.meters)(call, ending_in(Outcome(kind=OutcomeKind.OK, invocation=sent)))
    read = metered.read()
    ended = ("lambdascope.outcome", "ok")
    assert read.pop("lambdascope.proxy.duration").keys() == {
        series(*CALLER[:1], ("lambdascope.target", "upstream:shop"))
    }
    assert read.pop("lambdascope.calls.in_flight")
    assert read == {
        "lambdascope.calls": {series(*CALLER, ended, ("lambdascope.target", "upstream:shop")): 2},
        "lambdascope.cost": {series(*CALLER, ended, ("lambdascope.cost_source", "configured")): 0.01},
    }


async def test_an_execution_without_a_price_is_counted_and_costs_not_nothing(
    metered: Any, call_of: Callable[..., Call]
) -> None:
    unpriced = replace(RAN, cost_usd=None, cost_source="none")
    await MeterStep(metered.meters)(call_of(), ending_in(Outcome(kind=OutcomeKind.OK, invocation=unpriced)))
    read = metered.read()
    assert read["lambdascope.calls.unpriced"] == {OF_CLIENT: 1}
    assert not {name for name in read if name.endswith("cost")}


@pytest.mark.parametrize("kind", OutcomeKind)
async def test_only_what_lambda_ran_lacks_a_price(
    kind: OutcomeKind, metered: Any, call_of: Callable[..., Call]
) -> None:
    # A dry run, a throttle or a denial costs nothing; what is accepted is priced from the logs when it has run.
    unpriced = Invocation(region="eu-west-1", invoke_ms=12.0)
    failure = Failure(error_type="ReadTimeoutError", message="no") if kind.is_failure else None
    await MeterStep(metered.meters)(call_of(), ending_in(Outcome(kind=kind, failure=failure, invocation=unpriced)))
    counted = "lambdascope.calls.unpriced" in metered.read()
    ran = {"ok", "tool_error", "function_error", "function_timeout", "out_of_memory", "transport_error", "cancelled"}
    assert counted is (kind.value in ran)


@pytest.mark.parametrize("error_type", ["EndpointConnectionError", "ConnectTimeoutError"])
async def test_a_request_that_never_left_lacks_no_price(
    error_type: str, metered: Any, call_of: Callable[..., Call]
) -> None:
    failure = Failure(error_type=error_type, message="no")
    unsent = Invocation(region="eu-west-1", invoke_ms=12.0)
    ended = Outcome(kind=OutcomeKind.TRANSPORT_ERROR, failure=failure, invocation=unsent)
    await MeterStep(metered.meters)(call_of(), ending_in(ended))
    assert "lambdascope.calls.unpriced" not in metered.read()


@pytest.mark.parametrize(
    ("invocation_type", "attempts", "throttles", "lacks_price"),
    [("RequestResponse", 3, 2, True), ("RequestResponse", 2, 2, False), ("DryRun", 1, 0, False)],
)
async def test_a_cancelled_call_lacks_a_price_only_if_an_attempt_of_it_was_under_way(
    invocation_type: str, attempts: int, throttles: int, lacks_price: bool, metered: Any, call_of: Callable[..., Call]
) -> None:
    async def cancelled(call: Call) -> Outcome:
        error = asyncio.CancelledError()
        known = Invocation(region="eu-west-1", invoke_ms=80.0, attempts=attempts, throttles=throttles)
        error.invocation = known  # type: ignore[attr-defined]
        raise error

    with pytest.raises(asyncio.CancelledError):
        await MeterStep(metered.meters)(
            call_of({"function_name": "orders", "invocation_type": invocation_type}), cancelled
        )
    assert ("lambdascope.calls.unpriced" in metered.read()) is lacks_price


async def test_the_time_of_the_platform_holds_none_of_our_pauses(metered: Any, call_of: Callable[..., Call]) -> None:
    retried = replace(RAN, invoke_ms=5_300.0, overhead_ms=5_060.0, attempts=2, throttles=1)
    await MeterStep(metered.meters)(call_of(), ending_in(Outcome(kind=OutcomeKind.OK, invocation=retried)))
    assert "lambdascope.lambda.platform.duration" not in metered.read()
    assert metered.read()["lambdascope.lambda.handler.duration"]


async def test_an_execution_without_a_report_has_no_clocks_of_its_own(
    metered: Any, call_of: Callable[..., Call]
) -> None:
    accepted = Outcome(kind=OutcomeKind.ACCEPTED, invocation=Invocation(region="eu-west-1", invoke_ms=12.0))
    await MeterStep(metered.meters)(call_of(), ending_in(accepted))
    ended = (("lambdascope.outcome", "accepted"), ("lambdascope.cold_start", "unknown"))
    assert metered.read()["lambdascope.lambda.invoke.duration"] == {series(*FUNCTION, *ended): (1, 0.012)}
    assert "lambdascope.lambda.handler.duration" not in metered.read()


@pytest.mark.parametrize(
    ("kind", "attempts", "throttles"),
    [(OutcomeKind.OK, 1, 0), (OutcomeKind.OK, 3, 2), (OutcomeKind.THROTTLED, 3, 3), (OutcomeKind.CANCELLED, 2, 2)],
)
async def test_each_throttled_attempt_is_counted_also_one_that_a_retry_made_good(
    kind: OutcomeKind, attempts: int, throttles: int, metered: Any, call_of: Callable[..., Call]
) -> None:
    throttled = Invocation(region="eu-west-1", invoke_ms=900.0, attempts=attempts, throttles=throttles)
    await MeterStep(metered.meters)(call_of(), ending_in(Outcome(kind=kind, invocation=throttled)))
    assert metered.read().get("lambdascope.lambda.throttles", {}).get(FUNCTION, 0) == throttles


async def test_a_refused_call_is_counted_without_the_name_it_asked_for(
    metered: Any, call_of: Callable[..., Call]
) -> None:
    # Whoever asks for ten thousand names must not make ten thousand series.
    refused = Outcome(kind=OutcomeKind.REFUSED, failure=Failure(error_type="Refused", message="no"))
    await MeterStep(metered.meters)(call_of({"function_name": "anything"}), ending_in(refused))
    read = metered.read()
    ended = (("lambdascope.outcome", "refused"), ("lambdascope.target", "lambda"))
    assert read["lambdascope.calls"] == {series(*CALLER, *ended): 1}
    assert set(read) == {"lambdascope.calls", "lambdascope.calls.in_flight", "lambdascope.proxy.duration"}


async def test_a_cancelled_call_is_metered_with_what_is_known_of_it(metered: Any, call_of: Callable[..., Call]) -> None:
    async def cancelled(call: Call) -> Outcome:
        error = asyncio.CancelledError()
        error.invocation = Invocation(region="eu-west-1", invoke_ms=80.0)  # type: ignore[attr-defined]
        raise error

    with pytest.raises(asyncio.CancelledError):
        await MeterStep(metered.meters)(call_of(), cancelled)
    read = metered.read()
    assert read["lambdascope.calls.in_flight"] == {series(("lambdascope.target", "lambda")): 0}
    ended = (("lambdascope.outcome", "cancelled"), ("lambdascope.cold_start", "unknown"))
    assert read["lambdascope.lambda.invoke.duration"] == {series(*FUNCTION, *ended): (1, 0.08)}


async def test_a_call_is_in_flight_while_it_runs(metered: Any, call_of: Callable[..., Call]) -> None:
    seen: list[Any] = []

    async def look(call: Call) -> Outcome:
        seen.append(metered.read()["lambdascope.calls.in_flight"])
        return Outcome(kind=OutcomeKind.OK)

    await MeterStep(metered.meters)(call_of(), look)
    assert seen == [{(("lambdascope.target", "lambda"),): 1}]


async def test_what_looking_cost_is_counted_by_the_tool_that_looked(metered: Any, call_of: Callable[..., Call]) -> None:
    looked = Outcome(kind=OutcomeKind.OK, bill=Bill(region="us-east-1", metrics=100, metric_requests=1))
    await MeterStep(metered.meters)(call_of(), ending_in(looked))
    of_the_tool = (("cloud.region", "us-east-1"), ("gen_ai.tool.name", "invoke_function"))
    # GetMetricData: $0.01 for 1,000 metrics.
    assert metered.read()["lambdascope.monitoring.cost"] == {of_the_tool: pytest.approx(0.001)}


async def _cancelled(call: Call) -> Outcome:
    error = asyncio.CancelledError()
    error.invocation = RAN  # type: ignore[attr-defined]
    raise error


@pytest.mark.parametrize("run", [ending_in(Outcome(kind=OutcomeKind.OK, invocation=RAN)), _cancelled])
async def test_an_exemplar_leads_to_the_span_of_what_was_sent(
    run: Any, metered: Any, tracing: Any, call_of: Callable[..., Call]
) -> None:
    """It has ended when the call is metered: the current span would be that of the request."""
    pipeline = build_pipeline([MeterStep(metered.meters), ClientSpanStep(tracing.tracer, str)], run)
    with tracing.tracer.start_as_current_span("tools/call invoke_function"), suppress(asyncio.CancelledError):
        await pipeline(call_of())
    client, _ = tracing.finished()
    assert client["name"] == "Lambda.Invoke"
    found = led_to(metered)
    assert found["lambdascope.lambda.invoke.duration"] == {client["span_id"]}
    assert set().union(*found.values()) == {client["span_id"]}


async def test_an_exemplar_of_a_call_that_was_not_sent_leads_to_the_span_of_the_request(
    metered: Any, tracing: Any, call_of: Callable[..., Call]
) -> None:
    with tracing.tracer.start_as_current_span("tools/call invoke_function"):
        await MeterStep(metered.meters)(call_of(), ending_in(Outcome(kind=OutcomeKind.REFUSED)))
    (request,) = tracing.finished()
    assert led_to(metered)["lambdascope.proxy.duration"] == {request["span_id"]}


def led_to(metered: Any) -> dict[str, set[int]]:
    """The spans that the exemplars of each histogram name; an exemplar is read once."""
    data = metered.reader.get_metrics_data()
    metrics = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics]
    return {
        metric.name: spans
        for metric in metrics
        if (spans := {each.span_id for point in metric.data.data_points for each in point.exemplars})
    }


@pytest.mark.parametrize(
    ("kind", "error_type", "counted"),
    [
        (OutcomeKind.REFUSED, "RateLimited", True),
        (OutcomeKind.REFUSED, "BudgetExceeded", True),
        (OutcomeKind.ACCESS_DENIED, "NotAllowed", True),
        (OutcomeKind.ACCESS_DENIED, "AccessDeniedException", False),
        (OutcomeKind.TOOL_ERROR, "RateLimited", False),
    ],
)
async def test_refusals_of_guardrails_are_counted_by_guardrail(
    kind: OutcomeKind, error_type: str, counted: bool, metered: Any, call_of: Callable[..., Call]
) -> None:
    # Another server, or a function, may call its own error what it likes.
    ended = Outcome(kind=kind, failure=Failure(error_type=error_type, message="no"))
    await MeterStep(metered.meters)(call_of(), ending_in(ended))
    series = (("error.type", error_type), *CALLER[:1], ("lambdascope.target", "lambda"))
    assert metered.read().get("lambdascope.refusals", {}) == ({series: 1} if counted else {})

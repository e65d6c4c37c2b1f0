"""A person's approval before a call: asked during it, or by a result that asks and a retry that answers."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from lambdascope_proxy.approvals.request_states import RequestStates
from lambdascope_proxy.approvals.rule import Rule
from lambdascope_proxy.call import Call, Caller, Failure, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.approval import KEY, ApprovalStep
from lambdascope_proxy.steps.meter import MeterStep
from lambdascope_proxy.steps.record import row_of
from lambdascope_proxy.steps.slow import SlowStep
from lambdascope_proxy.telemetry.meters import Meters

pytestmark = pytest.mark.anyio
CallOf = Callable[..., Call]
YES = {"action": "accept", "content": {"approve": True}}
NO = {"action": "decline"}
THEIRS = {"resultType": "input_required", "inputRequests": {"name": {}}, "requestState": "their state"}


class FakeClient:
    """A client that gives one answer to what it is asked, or cannot be asked during a call."""

    meta: Mapping[str, Any] = {}

    def __init__(self, answer: Any = None, *, capabilities: Mapping[str, Any] | None = None) -> None:
        self.capabilities: Mapping[str, Any] = {"elicitation": {}} if capabilities is None else capabilities
        self.input_responses: Mapping[str, Any] | None = None
        self.request_state: str | None = None
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self._answer = answer

    async def report_progress(self, progress: float, total: float | None, message: str | None) -> None:
        raise AssertionError("nobody reports here")

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        self.asked.append((method, params))
        if isinstance(self._answer, Exception):
            raise self._answer
        if isinstance(self._answer, asyncio.Event):
            await self._answer.wait()
        return self._answer

    def retrying(self, result: Outcome, *answer: Mapping[str, Any]) -> "FakeClient":
        """The client as it makes its call again after that result."""
        assert result.wire is not None
        again = FakeClient()
        again.request_state = result.wire["requestState"]
        again.input_responses = {KEY: answer[0]} if answer else {}
        return again


class Target:
    """Counts what came through, and answers as it is told."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.outcome = Outcome(kind=OutcomeKind.OK, text="done")

    async def __call__(self, call: Call) -> Outcome:
        self.calls.append(call)
        return self.outcome


@pytest.fixture
def step() -> ApprovalStep:
    return ApprovalStep(Rule(mode="always"), RequestStates(lambda: 1000.0), lambda whole: f"<{len(whole)}>")


async def refusal(step: ApprovalStep, call: Call) -> Failure:
    target = Target()
    with pytest.raises(CallFailed) as refused:
        await step(call, target)
    assert target.calls == []
    assert (refused.value.kind, refused.value.failure.error_type) == (OutcomeKind.REFUSED, "NotApproved")
    return refused.value.failure


async def test_a_call_that_needs_no_approval_passes_unasked(call_of: CallOf) -> None:
    client, target = FakeClient(YES), Target()
    step = ApprovalStep(Rule(mode="never"), RequestStates(lambda: 0.0), bytes.decode)
    assert (await step(call_of(client=client), target)).text == "done"
    assert client.asked == []


async def test_on_the_command_line_nobody_is_asked(step: ApprovalStep, call_of: CallOf) -> None:
    target = Target()
    await step(call_of(caller=Caller(transport="cli")), target)
    assert len(target.calls) == 1


async def test_a_person_who_says_yes_lets_the_call_through(step: ApprovalStep, call_of: CallOf) -> None:
    client, target = FakeClient(YES), Target()
    call = call_of(client=client)
    assert (await step(call, target)).text == "done"
    ((method, params),) = client.asked
    assert method == "elicitation/create"
    assert params["message"].endswith("with 27 bytes of arguments?\n<27>")
    assert target.calls == [call]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (NO, "declined"),
        ({"action": "accept", "content": {"approve": False}}, "declined"),
        ({"action": "cancel"}, "closed the question"),
        (CallFailed(OutcomeKind.TOOL_ERROR, "JsonRpc-32601", "no such method"), "cannot ask one"),
    ],
)
async def test_anything_else_refuses_it_with_a_next_step(
    step: ApprovalStep, call_of: CallOf, answer: Any, says: str
) -> None:
    failure = await refusal(step, call_of(client=FakeClient(answer)))
    assert says in failure.message
    assert failure.hint.endswith(".")


@pytest.mark.parametrize(
    "client", [None, FakeClient(YES, capabilities={}), FakeClient(YES, capabilities={"elicitation": {"url": {}}})]
)
async def test_a_client_that_cannot_ask_is_refused_before_it_is_asked(
    step: ApprovalStep, call_of: CallOf, client: FakeClient | None
) -> None:
    failure = await refusal(step, call_of(client=client))
    assert "cannot ask one" in failure.message
    assert "LAMBDASCOPE_APPROVE" in failure.hint
    assert client is None or client.asked == []


async def test_nobody_waits_for_ever_for_a_person(call_of: CallOf) -> None:
    step = ApprovalStep(Rule(mode="always"), RequestStates(lambda: 0.0), bytes.decode, patience_s=0)
    assert "Nobody approved" in (await refusal(step, call_of(client=FakeClient(asyncio.Event())))).message


async def test_the_time_a_person_took_is_told_and_does_not_count_as_the_proxys(
    step: ApprovalStep, call_of: CallOf, tracing: Any
) -> None:
    call = call_of(client=FakeClient(YES))
    with tracing.tracer.start_as_current_span("call"):
        await step(call, Target())
    attributes = tracing.finished()[0]["attributes"]
    assert attributes["lambdascope.approval"] == "approved"
    assert attributes["lambdascope.approval.waited_ms"] == round(call.progress.waited_ms, 3) > 0
    assert call.progress.message == ""
    assert not trace.get_current_span().is_recording()


async def test_where_a_call_cannot_be_held_its_result_asks_and_the_retry_answers(
    step: ApprovalStep, call_of: CallOf
) -> None:
    client, target = FakeClient(None), Target()
    asked = await step(call_of(client=client), target)
    assert (asked.kind, asked.failure.error_type if asked.failure else "") == (OutcomeKind.REFUSED, "ApprovalAsked")
    assert asked.wire is not None
    assert asked.wire["resultType"] == "input_required"
    ((key, request),) = asked.wire["inputRequests"].items()
    assert (key, request["method"]) == (KEY, "elicitation/create")
    assert request["params"] == client.asked[0][1]
    assert target.calls == []

    assert (await step(call_of(client=client.retrying(asked, YES)), target)).text == "done"
    (call,) = target.calls
    assert call.client is not None
    # What follows is not told of our conversation: another server would take the state for its own.
    assert (call.client.request_state, call.client.input_responses) == (None, None)


@pytest.mark.parametrize("answers", [(NO,), ({"action": "cancel"},), (), ("yes",)])
async def test_a_retry_without_a_yes_is_refused(step: ApprovalStep, call_of: CallOf, answers: Any) -> None:
    client = FakeClient(None)
    asked = await step(call_of(client=client), Target())
    await refusal(step, call_of(client=client.retrying(asked, *answers)))


@pytest.mark.parametrize("responses", [None, [], "yes", 1, {KEY: [YES]}, {"other": YES}])
async def test_answers_of_any_shape_are_no_yes(step: ApprovalStep, call_of: CallOf, responses: Any) -> None:
    client = FakeClient(None)
    again = client.retrying(await step(call_of(client=client), Target()))
    again.input_responses = responses
    await refusal(step, call_of(client=again))


async def test_an_approval_is_good_for_one_call_only(step: ApprovalStep, call_of: CallOf) -> None:
    client, target = FakeClient(None), Target()
    asked = await step(call_of(client=client), target)
    other = call_of({"function_name": "payroll"}, client=client.retrying(asked, YES))
    assert "not for this call" in (await refusal(step, other)).message
    await step(call_of(client=client.retrying(asked, YES)), target)
    assert "used before" in (await refusal(step, call_of(client=client.retrying(asked, YES)))).message


async def test_a_yes_without_our_question_is_no_approval(step: ApprovalStep, call_of: CallOf) -> None:
    made_up = FakeClient(None)
    made_up.input_responses = {KEY: YES}
    asked = await step(call_of(client=made_up), Target())
    assert asked.kind is OutcomeKind.REFUSED
    made_up.request_state = "c29tZXRoaW5n"
    await refusal(step, call_of(client=made_up))


async def test_a_server_that_asks_something_itself_is_answered_without_a_second_approval(
    step: ApprovalStep, call_of: CallOf
) -> None:
    # Its state would else replace ours, and the person would be asked again and again.
    client, target = FakeClient(None), Target()
    asked = await step(call_of(client=client), target)
    target.outcome = Outcome(kind=OutcomeKind.OK, wire=THEIRS)
    theirs = await step(call_of(client=client.retrying(asked, YES)), target)
    assert theirs.wire is not None
    assert theirs.wire["inputRequests"] == THEIRS["inputRequests"]
    assert theirs.wire["requestState"] != "their state"

    answering = client.retrying(theirs)
    answering.input_responses = {"name": {"action": "accept"}}
    target.outcome = Outcome(kind=OutcomeKind.OK, text="done")
    assert (await step(call_of(client=answering), target)).text == "done"
    onward = target.calls[-1].client
    assert onward is not None
    assert (onward.request_state, onward.input_responses) == ("their state", {"name": {"action": "accept"}})


async def test_that_approval_holds_for_no_other_arguments(step: ApprovalStep, call_of: CallOf) -> None:
    client, target = FakeClient(None), Target()
    asked = await step(call_of(client=client), target)
    target.outcome = Outcome(kind=OutcomeKind.OK, wire=THEIRS)
    theirs = await step(call_of(client=client.retrying(asked, YES)), target)
    again = client.retrying(theirs)
    await refusal(step, replace(call_of(client=again), arguments={"function_name": "payroll"}))


def waited(call_of: CallOf) -> tuple[Call, Outcome]:
    """A call of 700 ms: a person took 500 of them, the function 100."""
    call = call_of(arrived_ns=time.perf_counter_ns() - 700_000_000)
    call.progress.waited_ms = 500.0
    return call, Outcome(kind=OutcomeKind.OK, invocation=Invocation(region="us-east-1", invoke_ms=100.0))


def test_in_the_history_a_persons_time_is_in_the_total_and_not_in_the_proxys(call_of: CallOf) -> None:
    row = row_of(*waited(call_of), 700.0)
    assert (row["total_ms"], row["invoke_ms"], row["proxy_ms"]) == (700.0, 100.0, 100.0)


async def test_a_call_that_waited_for_a_person_is_not_called_slow(
    call_of: CallOf, caplog: pytest.LogCaptureFixture
) -> None:
    call, outcome = waited(call_of)
    target = Target()
    target.outcome = outcome
    call.progress.waited_ms = 600_000.0  # whatever this machine takes for the test, it is less
    await SlowStep(threshold_ms=600.0)(call, target)
    assert caplog.records == []
    call.progress.waited_ms = 0.0
    await SlowStep(threshold_ms=600.0)(call, target)
    assert len(caplog.records) == 1


async def test_metrics_of_the_proxys_time_leave_a_persons_out(call_of: CallOf) -> None:
    reader = InMemoryMetricReader()
    call, outcome = waited(call_of)
    call.progress.waited_ms = 600_000.0  # whatever this machine takes for the test, it is less
    target = Target()
    target.outcome = outcome
    await MeterStep(Meters(MeterProvider([reader]).get_meter("tests"), most_series=10))(call, target)
    data = reader.get_metrics_data()
    assert data is not None
    (metric,) = [
        metric
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
        if metric.name == "lambdascope.proxy.duration"
    ]
    assert [point.sum for point in metric.data.data_points] == [0.0]

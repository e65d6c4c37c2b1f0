"""Has a person approve a call before it is made, by MCP's elicitation."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from opentelemetry import trace

from lambdascope_proxy import names
from lambdascope_proxy.approvals.answered_client import AnsweredClient
from lambdascope_proxy.approvals.question import Reply, can_show_forms, question_of, reply_of
from lambdascope_proxy.approvals.request_states import InvalidStateError, RequestStates, State
from lambdascope_proxy.approvals.rule import Rule
from lambdascope_proxy.call import Call, Client, Failure, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.telemetry import metric_table as m

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters

log = logging.getLogger(__name__)
PATIENCE_S: Final = 300.0
KEY: Final = "lambdascope-approval"
INPUT_REQUIRED: Final = "input_required"
REASONS: Final = {
    Reply.DECLINED: ("The person who was asked declined this call.", "Do not call it again unless they ask for it."),
    Reply.CANCELLED: ("The person who was asked closed the question.", "Ask them what to do before you call again."),
    Reply.UNANSWERED: (f"Nobody approved this call within {PATIENCE_S:.0f} s.", "Call again when somebody is there."),
    Reply.UNABLE: (
        "A person has to approve this call, and this client cannot ask one.",
        "Use a client that supports elicitation of forms; the operator can change LAMBDASCOPE_APPROVE.",
    ),
    Reply.INVALID: (
        "This approval is not for this call, has expired, or was used before.",
        "Call again without requestState: the person is asked anew.",
    ),
}


class ApprovalStep:
    """Asks during the call where the revision can; else answers `input_required` and reads the reply in the retry.

    On the command line a person types the call: nobody is asked.
    """

    def __init__(
        self,
        rule: Rule,
        states: RequestStates,
        masked: Callable[[bytes], str],
        meters: "Meters | None" = None,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._rule = rule
        self._states = states
        self._masked = masked
        self._meters = meters
        self._patience_s = patience_s

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(refused, NotApproved)."""
        if not self._rule.needs_approval(call) or (call.client is None and call.caller.transport == "cli"):
            return await call_next(call)
        client = call.client
        if client is None or not can_show_forms(client.capabilities):
            raise self._refused(call, Reply.UNABLE)
        if client.request_state is not None:
            return await self._resumed(call, client, client.request_state, call_next)
        result = await self._asked(call, client)
        if result is None:
            return self._question(call)
        self._check(call, reply_of(result))
        return await call_next(call)

    async def _asked(self, call: Call, client: Client) -> dict[str, Any] | None:
        began, said = time.monotonic(), call.progress.message
        call.progress.message = "waiting for a person to approve this call"
        try:
            async with asyncio.timeout(self._patience_s):
                return await client.ask("elicitation/create", question_of(call, self._masked))
        except TimeoutError:
            raise self._refused(call, Reply.UNANSWERED) from None
        except CallFailed as failed:
            log.info("call %s: nobody could be asked: %s", call.call_id, failed)
            raise self._refused(call, Reply.UNABLE) from failed
        finally:
            call.progress.message = said
            waited_ms = (time.monotonic() - began) * 1e3
            call.progress.waited_ms += waited_ms
            _tell_span({names.APPROVAL_WAITED: round(waited_ms, 3)})

    def _question(self, call: Call) -> Outcome:
        """Nothing ran yet, so the call counts as refused; its retry is a call of its own."""
        self._meter(call, Reply.ASKED)
        request = {"method": "elicitation/create", "params": question_of(call, self._masked)}
        wire = {
            "resultType": INPUT_REQUIRED,
            "inputRequests": {KEY: request},
            "requestState": self._states.seal(call),
        }
        message = "A person is asked to approve this call; the client makes it again with their answer."
        failure = Failure(error_type="ApprovalAsked", message=message)
        return Outcome(kind=OutcomeKind.REFUSED, failure=failure, wire=wire)

    async def _resumed(self, call: Call, client: Client, request_state: object, call_next: Next) -> Outcome:
        state = self._opened(call, request_state)
        given = client.input_responses
        responses = dict(given) if isinstance(given, Mapping) else {}
        answer = responses.pop(KEY, None)
        if not state.is_approved:
            self._check(call, reply_of(cast("Mapping[str, Any]", answer) if isinstance(answer, Mapping) else {}))
        onward = AnsweredClient(client, responses or None, state.inner)
        outcome = await call_next(replace(call, client=onward))
        return self._with_state(call, outcome)

    def _opened(self, call: Call, request_state: object) -> State:
        try:
            return self._states.open(call, request_state)
        except InvalidStateError as invalid:
            log.warning("call %s: the requestState of an approval is refused: %s", call.call_id, invalid)
            raise self._refused(call, Reply.INVALID) from invalid

    def _with_state(self, call: Call, outcome: Outcome) -> Outcome:
        """The other server asks something itself: its state goes out within ours, so that the approval still holds."""
        wire = outcome.wire
        if wire is None or wire.get("resultType") != INPUT_REQUIRED:
            return outcome
        state = self._states.seal(call, is_approved=True, inner=wire.get("requestState"))
        return replace(outcome, wire={**wire, "requestState": state})

    def _check(self, call: Call, reply: Reply) -> None:
        if reply is not Reply.APPROVED:
            raise self._refused(call, reply)
        self._meter(call, reply)
        _tell_span({names.APPROVAL: reply.value})

    def _refused(self, call: Call, reply: Reply) -> CallFailed:
        self._meter(call, reply)
        _tell_span({names.APPROVAL: reply.value})
        message, hint = REASONS[reply]
        return CallFailed(OutcomeKind.REFUSED, "NotApproved", message, hint)

    def _meter(self, call: Call, reply: Reply) -> None:
        if self._meters:
            labels = {names.TOOL_NAME: call.tool.spec.name, names.RESULT: reply.value}
            self._meters.add(m.APPROVALS, 1, labels)


def _tell_span(attributes: Mapping[str, str | float]) -> None:
    trace.get_current_span().set_attributes(attributes)

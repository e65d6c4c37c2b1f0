"""Puts one CLIENT span around what is sent for a call, to Lambda or another server; one that stays here has none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from opentelemetry.trace import Span, SpanKind, Tracer

from lambdascope_proxy import names
from lambdascope_proxy.call import Call, Next, Outcome
from lambdascope_proxy.facts import facts_of
from lambdascope_proxy.steps.settle import settle
from lambdascope_proxy.steps.trace import call_within, make_red

Attributes = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ClientSpanStep:
    """Innermost. Every failed outcome makes the span red. `scrub` masks what others worded."""

    tracer: Tracer
    scrub: Callable[[str], str]

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Inside, the call carries the ids of this span, which is what travels on. Raises nothing but cancellation."""
        sent = _sent(call)
        if sent is None:
            return await call_next(call)
        name, attributes = sent
        with self.tracer.start_as_current_span(
            name, kind=SpanKind.CLIENT, record_exception=False, set_status_on_exception=False
        ) as span:
            # Settled in here, so that the span sees one kind of end and a failed outcome has its ids too.
            inside = partial(settle, call_next=call_next)
            return await call_within(span, call, inside, partial(self._describe, attributes=attributes))

    def _describe(self, span: Span, call: Call, outcome: Outcome, *, attributes: Attributes) -> None:
        facts = facts_of(call, outcome)
        if qualifier := facts["qualifier"]:
            # A caller words it; everything else was found or measured.
            facts["qualifier"] = self.scrub(qualifier)
        span.set_attributes(attributes(facts))
        make_red(span, outcome, self.scrub)


def lambda_attributes(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a Lambda call under the names of the span's attributes; unknown ones are left out."""
    known = {
        attribute: float(value) if isinstance(value, Decimal) else value
        for column, attribute in names.INVOCATION_ATTRIBUTES.items()
        if (value := facts.get(column)) is not None
    }
    fixed = {names.FAAS_PROVIDER: "aws", names.RPC_SYSTEM: "aws-api", names.RPC_METHOD: "Lambda/Invoke"}
    region = {names.CLOUD_REGION: facts["region"]} if facts.get("region") else {}
    return {**fixed, **region, **known}


def upstream_attributes(tool: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a call of another server's tool, which has this name there; its target adds those of the session."""
    known = {
        attribute: float(value) if isinstance(value, Decimal) else value
        for column, attribute in names.UPSTREAM_ATTRIBUTES.items()
        if (value := facts.get(column)) is not None
    }
    return {names.MCP_METHOD: "tools/call", names.TOOL_NAME: tool, names.OPERATION_NAME: "execute_tool", **known}


def _sent(call: Call) -> tuple[str, Attributes] | None:
    """How the span of a call that leaves this proxy is named, and what describes it."""
    if call.aim.target == "lambda":
        return "Lambda.Invoke", lambda_attributes
    if tool := call.aim.upstream_tool:
        return f"tools/call {tool}", partial(upstream_attributes, tool)
    return None

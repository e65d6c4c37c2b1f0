"""Keeps payloads within what the other side takes and results within what a model can read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from lambdascope_proxy.call import Call, Failure, Next, Outcome, OutcomeKind
from lambdascope_proxy.cut_result import Cut, cut
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.results import Results
from lambdascope_proxy.steps.arguments import encode

# AWS Lambda quotas: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
SYNC_BYTES = 6_291_456
EVENT_BYTES = 1_048_576
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class LimitsStep:
    """Longer results are cut for the model and kept whole under the call's id.

    Those of functions always; those of another server, whose clients may count on them as they are, only if
    `upstream_result_bytes` is given. 0 of that and of `max_argument_bytes` is no limit.
    """

    results: Results
    max_result_bytes: int
    max_argument_bytes: int = 0
    upstream_result_bytes: int = 0

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(payload_too_large) before anything is sent."""
        if call.aim.target == "self":
            return await call_next(call)
        self._check_arguments(call)
        outcome = await call_next(call)
        if call.aim.target == "lambda":
            return self._shortened(call, _flattened(outcome))
        if not self.upstream_result_bytes or outcome.wire is None:
            return outcome
        too_long = cut(outcome.wire, self.upstream_result_bytes)
        return self._cut(call, outcome, outcome.wire, too_long) if too_long else outcome

    def _check_arguments(self, call: Call) -> None:
        is_lambda = call.aim.target == "lambda"
        limit = EVENT_BYTES if call.aim.invocation_type == "Event" else SYNC_BYTES
        if is_lambda and len(call.payload) > limit:
            raise CallFailed(
                OutcomeKind.PAYLOAD_TOO_LARGE,
                "PayloadTooLarge",
                f"The payload has {len(call.payload)} bytes; a {call.aim.invocation_type} call takes {limit}.",
                "Send less, for example a reference to an object in S3.",
            )
        if not self.max_argument_bytes:
            return
        size = len(call.payload if is_lambda else encode(call.arguments))
        if size > self.max_argument_bytes:
            message = f"The arguments have {size} bytes; {self.max_argument_bytes} are allowed."
            hint = "Send less; LAMBDASCOPE_MAX_ARGUMENT_BYTES sets the limit."
            raise CallFailed(OutcomeKind.PAYLOAD_TOO_LARGE, "PayloadTooLarge", message, hint)

    def _cut(self, call: Call, outcome: Outcome, wire: Mapping[str, Any], too_long: Cut) -> Outcome:
        is_kept = self.results.keep(call.call_id, too_long.text, call.caller.principal)
        read_on = f"read_result(call_id={call.call_id!r}, offset={too_long.shown})" if is_kept else ""
        if too_long.content is None:
            # The tool has run: its invocation, and what it cost, stay.
            message = f"The tool ran; its result has {too_long.size} bytes, {self.upstream_result_bytes} are handed on."
            hint = f"{read_on} reads it as text." if is_kept else "It was not kept: ask the tool for less."
            hint += " LAMBDASCOPE_UPSTREAM_RESULT_BYTES sets the limit."
            failure = Failure(error_type="ResultTooLarge", message=message, hint=hint)
            return replace(outcome, kind=OutcomeKind.PAYLOAD_TOO_LARGE, wire=None, text="", failure=failure)
        note = f"The result has {too_long.size} bytes; its text is cut after {too_long.shown} characters."
        note += f" {read_on} reads on." if is_kept else " The rest was not kept."
        content = [*too_long.content, {"type": "text", "text": note}]
        kept = {name: value for name, value in wire.items() if name != "structuredContent"}
        return replace(outcome, wire={**kept, "content": content})

    def _shortened(self, call: Call, outcome: Outcome) -> Outcome:
        whole = outcome.text.encode()
        if len(whole) <= self.max_result_bytes:
            return outcome
        shown = whole[: self.max_result_bytes].decode(errors="ignore")
        is_kept = self.results.keep(call.call_id, outcome.text, call.caller.principal)
        note = f"The result has {len(whole)} bytes; these are the first {self.max_result_bytes}."
        if outcome.failure:
            note = f"The function's response has {len(whole)} bytes."
        next_part = f" read_result(call_id={call.call_id!r}, offset={len(shown)}) reads on."
        more = next_part if is_kept else " The rest was not kept."
        data = {name: value for name, value in outcome.data.items() if name != "result"}
        return replace(outcome, text=shown, data=data, notes=(*outcome.notes, note + more))


def _flattened(outcome: Outcome) -> Outcome:
    """A result nested so deeply that JSON parsers of clients give up goes out as text alone."""
    could_be_deep = outcome.text.count("[") + outcome.text.count("{") > DEEPEST
    if not could_be_deep or not _is_deeper(outcome.data.get("result"), DEEPEST):
        return outcome
    data = {name: value for name, value in outcome.data.items() if name != "result"}
    note = f"The result is nested over {DEEPEST} levels deep, so it stands in the text only."
    return replace(outcome, data=data, notes=(*outcome.notes, note))


def _is_deeper(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [inner for outer in layer for inner in _inner(outer) if isinstance(inner, dict | list)]
    return bool(layer)


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).values()
    return cast("list[Any]", value) if isinstance(value, list) else ()

"""Keeps payloads within what Lambda takes and results within what a model can read."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.results import Results

# AWS Lambda quotas: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
SYNC_BYTES = 6_291_456
EVENT_BYTES = 1_048_576
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class LimitsStep:
    """Longer results are cut for the model and kept whole under the call's id."""

    results: Results
    max_result_bytes: int

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(payload_too_large) before anything is sent."""
        limit = EVENT_BYTES if call.aim.invocation_type == "Event" else SYNC_BYTES
        if len(call.payload) > limit:
            raise CallFailed(
                OutcomeKind.PAYLOAD_TOO_LARGE,
                "PayloadTooLarge",
                f"The payload has {len(call.payload)} bytes; a {call.aim.invocation_type} call takes {limit}.",
                "Send less, for example a reference to an object in S3.",
            )
        outcome = await call_next(call)
        return self._shortened(call, _flattened(outcome)) if call.aim.target == "lambda" else outcome

    def _shortened(self, call: Call, outcome: Outcome) -> Outcome:
        whole = outcome.text.encode()
        if len(whole) <= self.max_result_bytes:
            return outcome
        shown = whole[: self.max_result_bytes].decode(errors="ignore")
        is_kept = self.results.keep(call.call_id, outcome.text)
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

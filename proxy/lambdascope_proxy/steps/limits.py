"""Keeps payloads within what Lambda takes and results within what a model can read."""

from dataclasses import dataclass, replace

from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.results import Results

# AWS Lambda quotas: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
SYNC_BYTES = 6_291_456
EVENT_BYTES = 1_048_576


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
        return self._shortened(call, outcome) if call.aim.target == "lambda" else outcome

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

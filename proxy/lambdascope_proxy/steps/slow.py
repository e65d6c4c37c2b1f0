"""Writes one log line for a call that took long, with where the time went."""

import logging
import time
from dataclasses import dataclass
from typing import Any, Final

from lambdascope_proxy.call import Call, Next, Outcome, cancelled_outcome
from lambdascope_proxy.facts import facts_of
from lambdascope_proxy.guard import guarded

log = logging.getLogger(__name__)
_TOLD: Final = (
    *("call_id", "tool_name", "function_name", "region", "client_name", "outcome", "request_id", "cold_start"),
    *("attempts", "invoke_ms", "overhead_ms", "init_ms", "restore_ms", "duration_ms", "billed_ms", "cost_usd"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowStep:
    """Stands inside the span of the request, so that the line names it. A slow call is often one that was given up."""

    threshold_ms: float

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Looks at the clock once the call is done, or its caller has gone."""
        try:
            outcome = await call_next(call)
        except BaseException as cancelled:
            self._look(call, cancelled_outcome(cancelled))
            raise
        self._look(call, outcome)
        return outcome

    def _look(self, call: Call, outcome: Outcome) -> None:
        total_ms = (time.perf_counter_ns() - call.arrived_ns) / 1e6
        if total_ms - call.progress.waited_ms > self.threshold_ms:
            guarded("telling of a slow call", self._tell, call, outcome, total_ms)

    def _tell(self, call: Call, outcome: Outcome, total_ms: float) -> None:
        facts = facts_of(call, outcome)
        attributes: dict[str, Any] = {name: facts[name] for name in _TOLD if facts.get(name) is not None}
        if outcome.invocation is None:
            # No such function was found: its name may be anything.
            attributes.pop("function_name", None)
        if "cost_usd" in attributes:
            attributes["cost_usd"] = float(attributes["cost_usd"])
        log.warning(
            "slow call: %s took %.0f ms, more than the %.0f ms of LAMBDASCOPE_SLOW_CALL_MS",
            attributes.get("function_name", call.tool.spec.name),
            total_ms,
            self.threshold_ms,
            extra={"attributes": {**attributes, "total_ms": round(total_ms, 3)}},
        )

"""What became of the calls that one look completed, and how the span of the look tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry.trace import Span, StatusCode

from lambdascope_proxy import names
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.reconcile.attempts import Attempt
from lambdascope_proxy.reconcile.pending import Batch, Pending
from lambdascope_proxy.selection import Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A call whose row was completed, by which attempts; `outcome` is its late one, None where that is not known."""

    pending: Pending
    function: Function
    attempts: Sequence[Attempt]
    outcome: OutcomeKind | None

    @property
    def has_failed(self) -> bool:
        """Whether it is an asynchronous call of which now is known that it failed."""
        return self.pending.is_event and self.outcome is not None and self.outcome.is_failure


def settled_of(pending: Pending, function: Function, attempts: Sequence[Attempt], row: Mapping[str, Any]) -> Settled:
    """A call and what completes its row."""
    outcome = row.get("outcome")
    return Settled(
        pending=pending, function=function, attempts=attempts, outcome=OutcomeKind(outcome) if outcome else None
    )


def describe(span: Span, batch: Batch, settled: Sequence[Settled]) -> None:
    """What was looked for and found. Red if an asynchronous call failed: no span of its own could show that."""
    functions = {function.name for _, function in batch.members}
    span.set_attributes(
        {
            **({names.FAAS_NAME: functions.pop()} if len(functions) == 1 else {}),
            names.FAAS_REGION: batch.place.region,
            names.RECONCILE_CALLS: len(batch.members),
            names.RECONCILE_COMPLETED: len(settled),
            names.RECONCILE_OUTCOMES: sorted({call.outcome.value for call in settled if call.outcome}),
        }
    )
    if failed := [call.outcome.value for call in settled if call.outcome and call.has_failed]:
        span.set_attribute(names.ERROR_TYPE, failed[0])
        span.set_status(StatusCode.ERROR)

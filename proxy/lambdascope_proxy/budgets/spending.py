"""What one call spent: dollars, seconds, and whether it has a price at all. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind

# It ran, or may run or have run without our hearing of it.
MAY_HAVE_RUN: Final = frozenset(
    {
        OutcomeKind.OK,
        OutcomeKind.ACCEPTED,
        OutcomeKind.TOOL_ERROR,
        OutcomeKind.FUNCTION_ERROR,
        OutcomeKind.FUNCTION_TIMEOUT,
        OutcomeKind.OUT_OF_MEMORY,
        OutcomeKind.TRANSPORT_ERROR,
        OutcomeKind.CANCELLED,
    }
)
# No request left.
NOT_SENT: Final = frozenset(
    {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError", "UpstreamNotStarted"}
)
# The other server's tool ran, and its answer was too large. A request that is too large for Lambda runs nothing.
TOO_LARGE_ANSWER: Final = "ResultTooLarge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Dollars, seconds in calls, and how many calls are missing from the dollars because nobody knows their price.

    Of another server's tool each attempt that got no answer is one of these.
    """

    usd: Decimal = Decimal(0)
    seconds: Decimal = Decimal(0)
    unpriced: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            usd=self.usd + other.usd, seconds=self.seconds + other.seconds, unpriced=self.unpriced + other.unpriced
        )


NOTHING: Final = Spent()


def spent_on(call: Call, outcome: Outcome) -> Spent:
    """What this call spent on Lambda, on another server's tool, and on looking at CloudWatch."""
    spent = NOTHING
    if bill := outcome.bill:
        cost_usd = bill.cost_usd
        spent += Spent(usd=cost_usd or Decimal(0), unpriced=int(cost_usd is None))
    if invocation := outcome.invocation:
        spent += Spent(
            usd=invocation.cost_usd or Decimal(0),
            seconds=seconds(invocation.invoke_ms),
            unpriced=_unpriced(call, outcome, invocation),
        )
    return spent


def seconds(milliseconds: float | None) -> Decimal:
    """Milliseconds to the microsecond as seconds; what is unknown took none."""
    return Decimal(f"{milliseconds or 0.0:.3f}") / 1000


def _unpriced(call: Call, outcome: Outcome, invocation: Invocation) -> int:
    is_unpriced = invocation.cost_usd is None and _may_cost(call, outcome, invocation)
    # Another server's tool is tried again only where no answer came: whether it ran until then is not known.
    earlier = max(0, invocation.attempts - 1) if call.aim.target.startswith("upstream:") else 0
    return int(is_unpriced) + earlier


def _may_cost(call: Call, outcome: Outcome, invocation: Invocation) -> bool:
    if call.aim.invocation_type == "DryRun" or invocation.attempts <= invocation.throttles:
        return False
    error_type = outcome.failure.error_type if outcome.failure else ""
    if error_type in NOT_SENT:
        return False
    return outcome.kind in MAY_HAVE_RUN or error_type == TOO_LARGE_ANSWER

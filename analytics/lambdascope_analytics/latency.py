"""How long the functions took, from the history."""

from dataclasses import dataclass
from datetime import datetime

from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement
from lambdascope_analytics.window import window_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionLatency:
    """Exact percentiles of the `n` invocations of one Lambda function in one region, `cold` of them cold starts.

    `total_*` is from a call's arrival to its answer; `duration_*` is the handler's own time, known for the `measured`
    invocations. A value is None where nothing was measured.
    """

    function_name: str | None
    region: str | None
    n: int
    cold: int
    total_p50_ms: float | None
    total_p95_ms: float | None
    total_p99_ms: float | None
    total_max_ms: float | None
    measured: int
    duration_p50_ms: float | None
    duration_p95_ms: float | None
    duration_p99_ms: float | None
    duration_max_ms: float | None


def latency_by_function(
    history: History, *, started_after: datetime | None = None, started_before: datetime | None = None
) -> list[FunctionLatency]:
    """Return the latency of each function invoked in the window, slowest p95 first.

    Raises:
        HistoryError: the history cannot be read.
    """
    parameters = window_parameters(started_after, started_before)
    return [FunctionLatency(**row) for row in history.query(statement("latency_by_function"), parameters)]

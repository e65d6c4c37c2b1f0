"""What one question came to at AWS, as counted on the wire: the same for every contestant. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.stub_functions import REGION
from lambdascope_analytics.looking import price_of_looking

METRICS, QUERY, RESULTS = "GetMetricData", "StartQuery", "GetQueryResults"
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCall:
    """One request and its answer; times are of the monotonic clock, which all processes of a machine share."""

    operation: str
    began_s: float
    ended_s: float
    status: int
    request_bytes: int
    response_bytes: int
    metrics: int = 0
    query_id: str = ""
    has_ended_query: bool = False
    scanned_bytes: int = 0

    @property
    def span(self) -> Span:
        """From the request to the end of its answer."""
        return self.began_s, self.ended_s


def asked_of_aws(calls: Sequence[AwsCall], ended_s: float) -> dict[str, float]:
    """Return how much was asked, and its list price; GetQueryResults and the like cost nothing."""
    named = {name: sum(call.operation == name for call in calls) for name in (METRICS, QUERY, RESULTS)}
    metrics, scanned = sum(call.metrics for call in calls), sum(call.scanned_bytes for call in calls)
    price = price_of_looking(region=REGION, metrics=metrics, scanned_bytes=scanned)
    assert price is not None
    return {
        **named,
        "other calls": float(len(calls) - sum(named.values())),
        "refused": float(sum(call.status >= 400 for call in calls)),
        "at once": float(most_at_once(_work(calls, ended_s))),
        "metrics": float(metrics),
        "scanned KB": scanned / 1000,
        "AWS KB": sum(call.request_bytes + call.response_bytes for call in calls) / 1000,
        "$/1000": float(price.cost_usd * 1000),
    }


def times_ms(calls: Sequence[AwsCall], began_s: float, ended_s: float) -> dict[str, float]:
    """Return how a question's wall time divides.

    AWS: a request was under way. Polling: none was, but a query was, so there was something to wait for. Own: the rest.
    """
    in_flight = seconds_covered(call.span for call in calls)
    waited_for = seconds_covered([*(call.span for call in calls), *query_spans(calls, ended_s)])
    wall = ended_s - began_s
    parts = {"wall": wall, "AWS": in_flight, "polling": waited_for - in_flight, "own": wall - waited_for}
    return {name: seconds * 1000 for name, seconds in parts.items()}


def query_spans(calls: Sequence[AwsCall], ended_s: float) -> list[Span]:
    """Return from when to when each query was known to run: until its end was heard of, or the question's end."""
    ended = {call.query_id: call.ended_s for call in calls if call.has_ended_query}
    started = [call for call in calls if call.operation == QUERY and call.query_id]
    return [(call.began_s, ended.get(call.query_id, ended_s)) for call in started]


def seconds_covered(spans: Iterable[Span]) -> float:
    """Return the seconds that lie in at least one span."""
    covered, reached = 0.0, float("-inf")
    for began, ended in sorted(spans):
        covered += max(0.0, ended - max(began, reached))
        reached = max(reached, ended)
    return covered


def most_at_once(spans: Iterable[Span]) -> int:
    """Return the most spans that overlap; one that begins when another ends does not."""
    edges = sorted(edge for began, ended in spans for edge in ((began, 1), (ended, -1)))
    most = level = 0
    for _, step in edges:
        level += step
        most = max(most, level)
    return most


def _work(calls: Sequence[AwsCall], ended_s: float) -> list[Span]:
    """Metric requests and whole queries: polls of two queries need not meet for the queries to run at once."""
    return [*(call.span for call in calls if call.operation == METRICS), *query_spans(calls, ended_s)]

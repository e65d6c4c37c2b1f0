"""Follows the exemplars of a latency metric to the spans they name: a click in a dashboard that leads to its trace."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stack.prometheus_api import PrometheusApi
from stack.spans import Span, read_spans

# The proxy in trouble exports no spans.
TRACED: Final = '{deployment_environment_name!="trouble"}'
# Series with exemplars -> how the span is named that each must lead to, or how its name begins.
LEADING: Final = {
    "mcp_server_operation_duration_seconds_bucket": "",
    "lambdascope_lambda_invoke_duration_seconds_bucket": "Lambda.Invoke",
    "mcp_client_operation_duration_seconds_bucket": "tools/call ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of the exemplars of one metric; `arrived` are the spans found."""

    series: str
    exemplars: int
    arrived: tuple[Span, ...]
    is_as_it_should: bool


def follow(prometheus: PrometheusApi, spans: Path) -> list[Followed]:
    """Looks every exemplar's span up among those that were exported."""
    exported = {(span.trace_id, span.span_id): span for span in read_spans(spans)}
    return [_followed(prometheus, series, name, exported) for series, name in LEADING.items()]


def _followed(prometheus: PrometheusApi, series: str, name: str, exported: dict[tuple[str, str], Span]) -> Followed:
    exemplars = prometheus.exemplars(series + TRACED)
    arrived = tuple(span for each in exemplars if (span := exported.get((each.trace_id, each.span_id))))
    return Followed(
        series=series,
        exemplars=len(exemplars),
        arrived=arrived,
        is_as_it_should=bool(arrived)
        and len(arrived) == len(exemplars)
        and all(span.name.startswith(name) for span in arrived),
    )

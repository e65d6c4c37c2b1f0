"""Writes docs/metrics.md from the table of metrics, or with --check says whether it is up to date."""

import sys

from lambdascope_proxy.published import publish
from lambdascope_proxy.telemetry.metric import Metric
from lambdascope_proxy.telemetry.metric_table import METRICS


def metrics_page() -> str:
    """The page, in Markdown."""
    return "\n".join(
        [
            "# Metrics",
            "",
            "<!-- Made by `make docs` from proxy/lambdascope_proxy/telemetry/metric_table.py; edit that. -->",
            "",
            "Prometheus gets them with dots as underscores, the unit at the end, and `_total` on counters:",
            "`lambdascope.lambda.billed.duration` is `lambdascope_lambda_billed_duration_seconds_total` there.",
            "What a call cannot be told by (its function was not found, it invoked nothing) has no such attribute.",
            "A metric has at most `LAMBDASCOPE_METRICS_SERIES` series; what goes beyond is recorded with",
            "`otel.metric.overflow` alone. As clients name themselves, names beyond the first 100 are `_OTHER`.",
            "",
            "What is paid for and how calls end is told by client. Durations, memory, cold starts and throttles are",
            "not: a histogram has up to twenty series for each set of attributes, so that clients would multiply what",
            "each function costs to keep and push others over the limit; environments and concurrency all clients",
            "share. The history knows the client of each call: `lambdascope latency --by client`.",
            "",
            "| metric | kind | unit | attributes | meaning |",
            "|---|---|---|---|---|",
            *(_row(metric) for metric in METRICS),
            "",
            "## Bounds of histograms",
            "",
            *(f"- {_bounds(bounds)}: {names}" for bounds, names in _by_bounds().items()),
            "",
        ]
    )


def _row(metric: Metric) -> str:
    attributes = ", ".join(f"`{name}`" for name in metric.attributes)
    return f"| `{metric.name}` | {metric.kind} | {metric.unit} | {attributes} | {metric.description} |"


def _by_bounds() -> dict[tuple[float, ...], str]:
    found: dict[tuple[float, ...], list[str]] = {}
    for metric in METRICS:
        if metric.bounds:
            found.setdefault(metric.bounds, []).append(f"`{metric.name}`")
    return {bounds: ", ".join(names) for bounds, names in found.items()}


def _bounds(bounds: tuple[float, ...]) -> str:
    return " ".join(f"{bound:g}" for bound in bounds)


if __name__ == "__main__":
    sys.exit(publish(metrics_page(), sys.argv[1:]))

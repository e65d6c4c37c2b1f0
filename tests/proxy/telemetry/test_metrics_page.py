"""The page of metrics in the documentation."""

from pathlib import Path

from lambdascope_proxy.telemetry.metric_table import METRICS
from lambdascope_proxy.telemetry.metrics_page import metrics_page

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_the_published_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == metrics_page()


def test_every_metric_has_one_row_of_five_columns() -> None:
    rows = [line for line in metrics_page().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [metric.name for metric in METRICS]
    assert all(row.count("|") == 6 for row in rows)


def test_every_histogram_has_its_bounds() -> None:
    bounds = metrics_page().split("## Bounds of histograms")[1]
    assert all(f"`{metric.name}`" in bounds for metric in METRICS if metric.kind == "histogram")

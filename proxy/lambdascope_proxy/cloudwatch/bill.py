"""What AWS charges for looking: metrics asked for and log bytes scanned, and their price."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lambdascope_analytics.looking import price_of_looking


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one answer asked of CloudWatch in one region. Bills of one region add up."""

    region: str
    metrics: int = 0
    metric_requests: int = 0
    queries: int = 0
    scanned_bytes: int = 0

    def __add__(self, other: "Bill") -> "Bill":
        if other.region != self.region:
            raise ValueError(f"bills of {self.region} and {other.region} do not add up")
        return Bill(
            region=self.region,
            metrics=self.metrics + other.metrics,
            metric_requests=self.metric_requests + other.metric_requests,
            queries=self.queries + other.queries,
            scanned_bytes=self.scanned_bytes + other.scanned_bytes,
        )

    @property
    def cost_usd(self) -> Decimal | None:
        """The list price; None where the region's prices are not known."""
        price = price_of_looking(region=self.region, metrics=self.metrics, scanned_bytes=self.scanned_bytes)
        return price.cost_usd if price else None

    @property
    def rates_version(self) -> str | None:
        """The table the price came from."""
        price = price_of_looking(region=self.region, metrics=self.metrics, scanned_bytes=self.scanned_bytes)
        return price.rates_version if price else None

    def as_data(self) -> Mapping[str, Any]:
        """For an answer: what was asked, and its price in US dollars as text, None where it is not known."""
        cost = self.cost_usd
        return {
            "metrics_requested": self.metrics,
            "get_metric_data_calls": self.metric_requests,
            "insights_queries": self.queries,
            "scanned_bytes": self.scanned_bytes,
            "cost_usd": None if cost is None else f"{cost:f}",
        }

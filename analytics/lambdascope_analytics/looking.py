"""The list price of looking at CloudWatch: metrics asked for and log data scanned, from a dated rate table."""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

_RATES: Final = Path(__file__).with_name("rates") / "cloudwatch"
_BYTES_PER_GB: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class LookingPrice:
    """An unrounded list price in US dollars, and the table it came from."""

    cost_usd: Decimal
    rates_version: str


def price_of_looking(*, region: str, metrics: int, scanned_bytes: int) -> LookingPrice | None:
    """Price metrics asked for with GetMetricData and bytes scanned by Logs Insights; None for an unknown region.

    Exact to 12 decimals, as the history stores money. https://aws.amazon.com/cloudwatch/pricing/

    Raises:
        ValueError: a figure is negative.
    """
    if metrics < 0 or scanned_bytes < 0:
        raise ValueError(f"metrics and scanned_bytes must not be negative: {metrics}, {scanned_bytes}")
    table = _table()
    rates = table["regions"].get(region)
    if rates is None:
        return None
    scanned_gb = Decimal(scanned_bytes) / _BYTES_PER_GB
    cost_usd = metrics * Decimal(rates["metric_requested"]) + scanned_gb * Decimal(rates["log_gb_scanned"])
    return LookingPrice(cost_usd=cost_usd.quantize(Decimal("1e-12")), rates_version=table["version"])


@cache
def _table() -> dict[str, Any]:
    newest = max(_RATES.glob("*.json"))
    return json.loads(newest.read_text(encoding="utf-8"))

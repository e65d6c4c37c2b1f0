"""The list price of looking at CloudWatch: metrics asked for and log data scanned, from a dated rate table."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lambdascope_analytics.errors import MissingPriceError
from lambdascope_analytics.pricing.rates import ANY
from lambdascope_analytics.pricing.tables import load_cloudwatch_rates

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
    rates = load_cloudwatch_rates()
    try:
        metric = rates.price_of("metric_requested", region=region, architecture=ANY)
        scanned_gb = rates.price_of("log_gb_scanned", region=region, architecture=ANY)
    except MissingPriceError:
        return None
    cost_usd = metrics * metric + Decimal(scanned_bytes) / _BYTES_PER_GB * scanned_gb
    return LookingPrice(cost_usd=cost_usd.quantize(Decimal("1e-12")), rates_version=rates.version)

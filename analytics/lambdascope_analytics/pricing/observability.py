"""The price of a month of CloudWatch: metrics, logs and what asking for them costs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Final

from lambdascope_analytics.errors import PricingInputError
from lambdascope_analytics.pricing.bill import EXACT, Biller, Price, PriceLine, quotient, rounded
from lambdascope_analytics.pricing.figures import of_type, quantity
from lambdascope_analytics.pricing.rates import ANY, RateTable

_SECONDS_PER_DAY: Final = 86_400
_SHOWN: Final = Decimal("1e-12")
_QUANTITIES: Final = ("lambda_log_gb", "log_gb", "log_storage_gb_months", "insights_scanned_gb", "custom_metrics")


@dataclass(frozen=True, slots=True, kw_only=True)
class GetMetricData:
    """So many metrics asked for every `interval_s` for `days`."""

    metrics: Decimal
    interval_s: Decimal
    days: Decimal

    def __post_init__(self) -> None:
        for name in ("metrics", "interval_s", "days"):
            object.__setattr__(self, name, quantity(f"getmetricdata.{name}", getattr(self, name)))
        if not self.interval_s:
            raise PricingInputError("getmetricdata.interval_s", "must be above 0")

    @property
    def metric_requests(self) -> Decimal:
        """Metrics asked for in all: what is billed, however many are asked for at once."""
        with localcontext(EXACT):
            return quotient(self.metrics * self.days * _SECONDS_PER_DAY, self.interval_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observability:
    """What was used of CloudWatch in a month; what is None is not on the bill.

    `lambda_log_gb` are logs that Lambda itself delivers, `log_gb` those sent in another way.

    Raises:
        PricingInputError: a figure makes no sense, or nothing was used.
    """

    region: str
    getmetricdata: GetMetricData | None = None
    lambda_log_gb: Decimal | None = None
    log_gb: Decimal | None = None
    log_storage_gb_months: Decimal | None = None
    insights_scanned_gb: Decimal | None = None
    custom_metrics: Decimal | None = None

    def __post_init__(self) -> None:
        of_type("region", self.region, str)
        if self.getmetricdata is not None:
            of_type("getmetricdata", self.getmetricdata, GetMetricData)
        if all(getattr(self, name) is None for name in ("getmetricdata", *_QUANTITIES)):
            raise PricingInputError("region", f"is all there is: give one of getmetricdata, {', '.join(_QUANTITIES)}")
        for name in _QUANTITIES:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, quantity(name, getattr(self, name)))


def price_observability(rates: RateTable, used: Observability) -> Price:
    """Price a month of CloudWatch at `load_cloudwatch_rates()`, each line (and tier of one) rounded to cents.

    https://aws.amazon.com/cloudwatch/pricing/

    Raises:
        MissingPriceError: the table lacks a price; it names the line.
    """
    biller = Biller(rates=rates, region=used.region, architecture=ANY, rounding="cents")
    return biller.bill(list(_lines(used, biller)))


def _lines(used: Observability, biller: Biller) -> Iterator[PriceLine]:
    if used.getmetricdata is not None:
        asked = used.getmetricdata.metric_requests
        line = biller.line("metric_requests", "metric_requested", asked, "metrics")
        # Priced in full; told only as far as anybody reads.
        yield replace(line, quantity=rounded(asked, _SHOWN))
    if used.lambda_log_gb is not None:
        yield biller.line("lambda_logs", "lambda_log_gb", used.lambda_log_gb, "GB")
    if used.log_gb is not None:
        yield biller.line("logs", "log_gb", used.log_gb, "GB")
    if used.log_storage_gb_months is not None:
        yield biller.line("log_storage", "log_gb_month", used.log_storage_gb_months, "GB-month")
    if used.insights_scanned_gb is not None:
        yield biller.line("insights_scan", "log_gb_scanned", used.insights_scanned_gb, "GB")
    if used.custom_metrics is not None:
        yield biller.line("custom_metrics", "custom_metric", used.custom_metrics, "metric-months")

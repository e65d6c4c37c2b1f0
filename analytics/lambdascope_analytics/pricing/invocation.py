"""The list price of one invocation, and the billed time of one whose REPORT line lacks it."""

from datetime import date as Date  # noqa: N812 - `date` is the argument's name
from decimal import ROUND_CEILING, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, localcontext
from typing import Final, Literal

from lambdascope_analytics.errors import PricingInputError
from lambdascope_analytics.pricing.bill import Price, PriceLine
from lambdascope_analytics.pricing.figures import (
    BILLED_MS,
    EPHEMERAL_STORAGE_MB,
    MEMORY_MB,
    REQUESTS,
    integer_within,
    milliseconds,
)
from lambdascope_analytics.pricing.rates import PriceItem, RateTable

Package = Literal["zip", "image"]

# https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
INIT_BILLED_FOR_ALL_SINCE: Final = Date(2025, 8, 1)
# Less than a month's bill needs, and faster: this is done once per call.
_EXACT: Final = Context(prec=80, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])


def price_invocation(
    rates: RateTable,
    *,
    region: str,
    architecture: str,
    memory_mb: int,
    billed_ms: int,
    ephemeral_storage_mb: int = 512,
    requests: int = 1,
) -> Price:
    """Price one invocation at list price, first compute tier, without free tier; `billed_ms` as Lambda billed it.

    `requests` is more than one for a large asynchronous event, see `metering`.
    GB = MB / 1024 and seconds = ms / 1000; storage is charged above 512 MB. https://aws.amazon.com/lambda/pricing/

    Raises:
        MissingPriceError: the table lacks one of the prices needed.
        PricingInputError: a figure is out of range or not an integer.
    """
    memory_gb = Decimal(integer_within("memory_mb", memory_mb, MEMORY_MB))
    storage_gb = Decimal(integer_within("ephemeral_storage_mb", ephemeral_storage_mb, EPHEMERAL_STORAGE_MB) - 512)
    billed = Decimal(integer_within("billed_ms", billed_ms, BILLED_MS))
    request_units = Decimal(integer_within("requests", requests, REQUESTS))

    def line(name: str, item: PriceItem, quantity: Decimal, unit: str) -> PriceLine:
        price = rates.price_of(item, region=region, architecture=architecture)
        return PriceLine(item=name, quantity=quantity, unit=unit, amount=quantity * price)

    with localcontext(_EXACT):
        seconds = billed / 1000
        lines = [
            line("requests", "request", request_units, "requests"),
            line("compute", "compute_gb_s", memory_gb / 1024 * seconds, "GB-s"),
        ]
        if storage_gb:
            lines.append(line("ephemeral_storage", "ephemeral_storage_gb_s", storage_gb / 1024 * seconds, "GB-s"))
        amount = sum((line.amount for line in lines), Decimal(0))
    currency = rates.regions[region].currency
    return Price(amount=amount, currency=currency, rates_version=rates.version, lines=tuple(lines))


def billed_ms_of(
    *,
    duration_ms: Decimal,
    date: Date,
    init_ms: Decimal | None = None,
    billed_restore_ms: int | None = None,
    package: str = "zip",
    managed_runtime: bool = True,
) -> int:
    """Derive the billed milliseconds of one invocation, for when Lambda's own figure is missing.

    Duration and init, rounded up together, plus the billed restore. Before 2025-08-01 Lambda did not bill
    the init of a ZIP package on a managed runtime.

    Raises:
        PricingInputError: a figure is negative or not a Decimal or int, or the package is unknown.
    """
    if package not in ("zip", "image"):
        raise PricingInputError("package", f"must be zip or image, not {package!r}")
    billed = milliseconds("duration_ms", duration_ms)
    init = milliseconds("init_ms", 0 if init_ms is None else init_ms)
    init_is_free = date < INIT_BILLED_FOR_ALL_SINCE and package == "zip" and managed_runtime
    with localcontext(_EXACT):
        if not init_is_free:
            billed += init
        handler_ms = int(billed.to_integral_value(rounding=ROUND_CEILING))
    restore_ms = 0 if billed_restore_ms is None else billed_restore_ms
    return handler_ms + integer_within("billed_restore_ms", restore_ms, BILLED_MS)

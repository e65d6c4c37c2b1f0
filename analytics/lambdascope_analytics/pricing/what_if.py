"""What a month would cost in another configuration: both bills, and the difference line by line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any, Final

from lambdascope_analytics.errors import PricingInputError
from lambdascope_analytics.pricing.bill import EXACT, Price
from lambdascope_analytics.pricing.figures import quantity
from lambdascope_analytics.pricing.rates import RateTable
from lambdascope_analytics.pricing.usage import ProvisionedConcurrency, Usage, price_usage

# Of a mean month, as AWS's calculator takes it.
HOURS_PER_MONTH: Final = Decimal(730)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDifference:
    """One line on either bill: None where that bill has none of it, and no difference between two currencies."""

    item: str
    before: Decimal | None
    after: Decimal | None
    difference: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The bill as it is and as it would be; a negative `difference` is money saved, None is two currencies."""

    usage: Usage
    changed: Usage
    before: Price
    after: Price
    difference: Decimal | None
    lines: tuple[LineDifference, ...]


def what_if(
    rates: RateTable,
    usage: Usage,
    *,
    memory_mb: int | None = None,
    architecture: str | None = None,
    region: str | None = None,
    provisioned_concurrency: ProvisionedConcurrency | Decimal | int | None = None,
    billed_duration_ms: Decimal | int | None = None,
) -> WhatIf:
    """Price a month as it is, and with these changes; what is None stays as it is.

    Billed time stays the same unless `billed_duration_ms`, the new mean of all requests, is given: how it moves with
    memory or architecture is not known from one configuration. `provisioned_concurrency` as a number keeps hours and
    served requests where there was some, else serves all requests for a month of 730 hours; 0 takes it away.

    Raises:
        MissingPriceError: the table lacks a price of either bill; it names the line.
        PricingInputError: a change makes no sense; it names it.
    """
    plain = {"memory_mb": memory_mb, "architecture": architecture, "region": region}
    given: dict[str, Any] = {name: value for name, value in plain.items() if value is not None}
    changed = replace(usage, **given)
    with localcontext(EXACT):
        if provisioned_concurrency is not None:
            changed = _with_provisioned(changed, provisioned_concurrency)
        if billed_duration_ms is not None:
            changed = _with_mean(changed, quantity("billed_duration_ms", billed_duration_ms))
    return _compared(usage, changed, price_usage(rates, usage), price_usage(rates, changed))


def what_if_assumptions(found: WhatIf) -> tuple[str, ...]:
    """Return what the second bill takes for granted, a sentence each."""
    usage, changed = found.usage, found.changed
    assumed: list[str] = []
    is_moved = (usage.memory_mb, usage.architecture) != (changed.memory_mb, changed.architecture)
    if is_moved and _billed_ms(usage) == _billed_ms(changed):
        assumed.append("billed time stays as it is; how it moves with memory or architecture only a measurement tells")
    if changed.provisioned_concurrency and not usage.provisioned_concurrency:
        hours = changed.provisioned_concurrency.hours
        assumed.append(f"provisioned concurrency serves every request, for {hours.normalize():f} hours")
    if found.difference is None:
        assumed.append(f"{found.before.currency} and {found.after.currency} are not compared")
    return tuple(assumed)


def _billed_ms(usage: Usage) -> Decimal:
    provisioned = usage.provisioned_concurrency
    return usage.billed_total_ms + (provisioned.billed_total_ms if provisioned else 0)


def _with_provisioned(usage: Usage, asked: ProvisionedConcurrency | Decimal | int) -> Usage:
    if isinstance(asked, ProvisionedConcurrency):
        return replace(usage, provisioned_concurrency=asked)
    concurrency, had = quantity("provisioned_concurrency", asked), usage.provisioned_concurrency
    if usage.edge:
        raise PricingInputError("provisioned_concurrency", "is not offered for Lambda@Edge")
    if concurrency and had:
        return replace(usage, provisioned_concurrency=replace(had, concurrency=concurrency))
    if concurrency:
        return _all_served(usage, concurrency)
    return _none_served(usage, had) if had else usage


def _all_served(usage: Usage, concurrency: Decimal) -> Usage:
    served = ProvisionedConcurrency(
        concurrency=concurrency,
        hours=HOURS_PER_MONTH,
        requests=usage.requests,
        billed_total_ms=usage.billed_total_ms,
    )
    return replace(usage, requests=Decimal(0), billed_total_ms=Decimal(0), provisioned_concurrency=served)


def _none_served(usage: Usage, had: ProvisionedConcurrency) -> Usage:
    return replace(
        usage,
        requests=usage.requests + had.requests,
        billed_total_ms=usage.billed_total_ms + had.billed_total_ms,
        provisioned_concurrency=None,
    )


def _with_mean(usage: Usage, mean_ms: Decimal) -> Usage:
    if had := usage.provisioned_concurrency:
        had = replace(had, billed_total_ms=had.requests * mean_ms)
    return replace(usage, billed_total_ms=usage.requests * mean_ms, provisioned_concurrency=had)


def _compared(usage: Usage, changed: Usage, before: Price, after: Price) -> WhatIf:
    is_one_currency = before.currency == after.currency
    return WhatIf(
        usage=usage,
        changed=changed,
        before=before,
        after=after,
        difference=_minus(after.amount, before.amount) if is_one_currency else None,
        lines=tuple(_line_differences(before, after, is_one_currency=is_one_currency)),
    )


def _line_differences(before: Price, after: Price, *, is_one_currency: bool) -> Iterator[LineDifference]:
    was = {line.item: line.amount for line in before.lines}
    is_now = {line.item: line.amount for line in after.lines}
    for item in dict.fromkeys((*was, *is_now)):
        difference = _minus(is_now.get(item, Decimal(0)), was.get(item, Decimal(0))) if is_one_currency else None
        yield LineDifference(item=item, before=was.get(item), after=is_now.get(item), difference=difference)


def _minus(amount: Decimal, other: Decimal) -> Decimal:
    with localcontext(EXACT):
        return amount - other

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
_MS_PER_HOUR: Final = 3_600_000


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
    served requests where there was some, else serves all requests for a month of 730 hours, in both cases as far as so
    many environments have the time; 0 takes it away.

    Raises:
        MissingPriceError: the table lacks a price of either bill; it names the line.
        PricingInputError: a change makes no sense; it names it.
    """
    plain = {"memory_mb": memory_mb, "architecture": architecture, "region": region}
    given: dict[str, Any] = {name: value for name, value in plain.items() if value is not None}
    changed = replace(usage, **given)
    with localcontext(EXACT):
        if billed_duration_ms is not None:
            changed = _with_mean(changed, quantity("billed_duration_ms", billed_duration_ms))
        if provisioned_concurrency is not None:
            changed = _with_provisioned(changed, provisioned_concurrency)
        if changed.provisioned_concurrency != usage.provisioned_concurrency:
            changed = _as_far_as_time_goes(changed)
    return _compared(usage, changed, price_usage(rates, usage), price_usage(rates, changed))


def what_if_assumptions(found: WhatIf) -> tuple[str, ...]:
    """Return what the second bill takes for granted, a sentence each."""
    usage, changed = found.usage, found.changed
    assumed: list[str] = []
    is_moved = (usage.memory_mb, usage.architecture) != (changed.memory_mb, changed.architecture)
    if is_moved and _billed_ms(usage) == _billed_ms(changed):
        assumed.append("billed time stays as it is; how it moves with memory or architecture only a measurement tells")
    if usage.provisioned_concurrency != changed.provisioned_concurrency:
        assumed.append(_assumed_of_serving(changed))
    if found.difference is None:
        assumed.append(f"{found.before.currency} and {found.after.currency} are not compared")
    return tuple(assumed)


def _assumed_of_serving(changed: Usage) -> str:
    if (held := changed.provisioned_concurrency) is None:
        return "without provisioned concurrency every request runs on demand and is billed as long"
    held_ready, hours = f"with {_plain(held.concurrency)} provisioned", f"{_plain(held.hours)} hours"
    if not changed.billed_total_ms and not changed.requests:
        return f"{held_ready}, every request of {hours} is served there, as if never more came at once"
    with localcontext(EXACT):
        requests = changed.requests + held.requests
    served = f"{held_ready}, {_plain(held.requests)} of {_plain(requests)} requests are served there in {hours}"
    if held.billed_total_ms < _capacity_ms(held):
        return f"{served}; the rest runs on demand"
    return f"{served}, all that there is time for if none is ever idle; the rest runs on demand"


def _plain(number: Decimal) -> str:
    return f"{number.normalize(EXACT):,f}"


def _billed_ms(usage: Usage) -> Decimal:
    provisioned = usage.provisioned_concurrency
    with localcontext(EXACT):
        return usage.billed_total_ms + (provisioned.billed_total_ms if provisioned else 0)


def _with_provisioned(usage: Usage, asked: ProvisionedConcurrency | Decimal | int) -> Usage:
    if usage.edge:
        raise PricingInputError("provisioned_concurrency", "is not offered for Lambda@Edge")
    if isinstance(asked, ProvisionedConcurrency):
        if asked.billed_total_ms > _capacity_ms(asked):
            raise PricingInputError("provisioned_concurrency", "serves more than it has the time for")
        return replace(usage, provisioned_concurrency=asked)
    concurrency, had = quantity("provisioned_concurrency", asked), usage.provisioned_concurrency
    if not concurrency:
        return _on_demand(usage, had) if had else usage
    if had is None:
        had = ProvisionedConcurrency(
            concurrency=concurrency,
            hours=HOURS_PER_MONTH,
            requests=usage.requests,
            billed_total_ms=usage.billed_total_ms,
        )
        usage = replace(usage, requests=Decimal(0), billed_total_ms=Decimal(0))
    return replace(usage, provisioned_concurrency=replace(had, concurrency=concurrency))


def _on_demand(usage: Usage, held: ProvisionedConcurrency) -> Usage:
    """What was served outside provisioned concurrency, with what was served on it."""
    return replace(
        usage,
        requests=usage.requests + held.requests,
        billed_total_ms=usage.billed_total_ms + held.billed_total_ms,
        provisioned_concurrency=None,
    )


def _as_far_as_time_goes(usage: Usage) -> Usage:
    """An environment serves one request at a time: what those provisioned have no time for runs on demand."""
    held = usage.provisioned_concurrency
    if held is None or held.billed_total_ms <= (most_ms := _capacity_ms(held)):
        return usage
    # Of requests that take equally long, whole ones.
    requests = held.requests * most_ms // held.billed_total_ms
    served = replace(held, requests=requests, billed_total_ms=most_ms)
    return replace(
        usage,
        requests=usage.requests + held.requests - requests,
        billed_total_ms=usage.billed_total_ms + held.billed_total_ms - most_ms,
        provisioned_concurrency=served,
    )


def _capacity_ms(held: ProvisionedConcurrency) -> Decimal:
    with localcontext(EXACT):
        return held.concurrency * held.hours * _MS_PER_HOUR


def _with_mean(usage: Usage, mean_ms: Decimal) -> Usage:
    had = usage.provisioned_concurrency
    for used in (usage, had):
        if used and used.billed_total_ms and not used.requests:
            raise PricingInputError("billed_duration_ms", "needs requests: a mean of none tells of no billed time")
    if had:
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

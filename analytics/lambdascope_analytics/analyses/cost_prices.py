"""Prices parts of calls that the history holds no amount for: memory x time, and bills in other currencies."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, localcontext
from typing import Final

from lambdascope_analytics.analyses.cost_cells import Cell, rounded, usd
from lambdascope_analytics.errors import MissingPriceError
from lambdascope_analytics.pricing import PriceItem, RateTable

USD: Final = "USD"
MB_MS_IN_GB_S: Final = 1024 * 1000
MB_US_IN_GB_S: Final = MB_MS_IN_GB_S * 1000
# A caller's decimal context could round.
_WIDE: Final = Context(prec=60)


def currency_of(rates: RateTable, region: str | None) -> str | None:
    """What AWS bills a region in; None if there are no rates for it."""
    found = rates.regions.get(region or "")
    return found.currency if found else None


def compute_usd(
    rates: RateTable, quantity: int | None, units_in_gb_s: int, region: str | None, architecture: str | None
) -> Decimal | None:
    """The compute charge of memory x time at the first tier; None where AWS bills no dollars or nothing is known."""
    price = _price(rates, "compute_gb_s", region, architecture)
    if quantity is None or price is None or currency_of(rates, region) != USD:
        return None
    with localcontext(_WIDE):
        return Decimal(quantity) * price / units_in_gb_s


def request_usd(rates: RateTable, requests: int, region: str | None, architecture: str | None) -> Decimal | None:
    """The charge for requests, under the same conditions."""
    price = _price(rates, "request", region, architecture)
    return None if price is None or currency_of(rates, region) != USD else requests * price


def cold_usd(rates: RateTable, cells: Iterable[Cell]) -> Decimal | None:
    """The compute charge of billed inits and restores."""
    return _rounded(usd(compute_usd(rates, c.cold_mb_us, MB_US_IN_GB_S, c.region, c.architecture) for c in cells))


def unused_usd(rates: RateTable, cells: Iterable[Cell]) -> Decimal | None:
    """The compute charge of memory that was configured and not used."""
    return _rounded(usd(compute_usd(rates, c.unused_mb_ms, MB_MS_IN_GB_S, c.region, c.architecture) for c in cells))


def other_currencies(rates: RateTable, cells: Iterable[Cell]) -> dict[str, Decimal]:
    """What calls cost that AWS bills in other currencies: requests and compute, as the history has no more of them."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for cell in cells:
        if cell.cost_usd is not None or cell.mb_ms is None:
            continue
        if other := other_price(rates, cell.mb_ms, cell.billed_calls, cell.region, cell.architecture):
            with localcontext(_WIDE):
                found[other[0]] += other[1]
    return {currency: rounded(amount) for currency, amount in sorted(found.items())}


def other_per_call(rates: RateTable, cells: Iterable[Cell]) -> dict[str, Decimal]:
    """The mean price of such calls, by currency."""
    calls: defaultdict[str, int] = defaultdict(int)
    billed = [cell for cell in cells if is_priced_otherwise(rates, cell)]
    for cell in billed:
        calls[str(currency_of(rates, cell.region))] += cell.billed_calls
    return {name: rounded(amount / calls[name]) for name, amount in other_currencies(rates, billed).items()}


def other_changes(rates: RateTable, cells: Iterable[Cell], before: Sequence[Cell]) -> dict[str, Decimal]:
    """How much more it was than before, by currency; who was not called before cost nothing then."""
    was = other_currencies(rates, before)
    return {
        name: amount - was.get(name, Decimal(0))
        for name, amount in other_currencies(rates, cells).items()
        if name in was or not before
    }


def other_price(
    rates: RateTable, mb_ms: int, requests: int, region: str | None, architecture: str | None
) -> tuple[str, Decimal] | None:
    """The currency and the amount of compute and requests; None where AWS bills dollars or no price is known."""
    currency = currency_of(rates, region)
    compute = _price(rates, "compute_gb_s", region, architecture)
    request = _price(rates, "request", region, architecture)
    if currency in (None, USD) or compute is None or request is None:
        return None
    with localcontext(_WIDE):
        return str(currency), Decimal(mb_ms) * compute / MB_MS_IN_GB_S + requests * request


def is_priced_otherwise(rates: RateTable, cell: Cell) -> bool:
    """Whether `other_currencies` holds what these calls cost."""
    return bool(other_currencies(rates, [cell]))


def _price(rates: RateTable, item: PriceItem, region: str | None, architecture: str | None) -> Decimal | None:
    if region is None or architecture is None:
        return None
    try:
        return rates.price_of(item, region=region, architecture=architecture)
    except MissingPriceError:
        return None


def _rounded(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else rounded(amount)

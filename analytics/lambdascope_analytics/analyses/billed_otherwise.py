"""What AWS bills in other currencies than dollars, which the history holds no amounts of. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from lambdascope_analytics.analyses.cost_cells import rounded
from lambdascope_analytics.analyses.cost_prices import USD, other_price
from lambdascope_analytics.analyses.wording import dollars
from lambdascope_analytics.pricing import RateTable


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledOtherwise:
    """How many calls, and what they cost by currency."""

    calls: int = 0
    amounts: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])

    @classmethod
    def of(cls, rates: RateTable, rows: Iterable[Mapping[str, Any]]) -> Self:
        """Price calls without an amount: by region and architecture their number, and memory x billed time (mb_ms)."""
        calls, amounts = 0, dict[str, Decimal]()
        for row in rows:
            price = other_price(rates, int(row["mb_ms"]), row["calls"], row["region"], row["architecture"])
            if price is not None:
                calls += row["calls"]
                amounts[price[0]] = rounded(amounts.get(price[0], Decimal(0)) + price[1])
        return cls(calls=calls, amounts=amounts)

    @property
    def told(self) -> str:
        """The amounts in words, such as CNY 1.20."""
        return " and ".join(f"{name} {dollars(amount).removeprefix('$')}" for name, amount in self.amounts.items())


def regions_billed_otherwise(rates: RateTable) -> str:
    """Their names as statements take them, with a line break before and after each."""
    names = sorted(name for name, region in rates.regions.items() if region.currency != USD)
    return "\n" + "\n\n".join(names) + "\n"

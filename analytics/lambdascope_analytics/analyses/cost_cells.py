"""The smallest parts the analysis of cost adds up, as its statement gives them, and sums over them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, localcontext
from typing import Any, Final

SUCCESSES: Final = frozenset({"ok", "accepted", "dry_run"})
# These may have run, so the report of their execution may still come, or nobody knows.
WAITING: Final = frozenset({"ok", "accepted", "function_error", "function_timeout", "out_of_memory", "tool_error"})
UNCERTAIN: Final = frozenset({"transport_error", "cancelled"})
# How calls of other servers end that were answered: a price that is set for them is known then.
ANSWERED: Final = frozenset({"ok", "tool_error"})
NO_PRICE: Final = "none"
BEFORE: Final = -1
# How the targets of calls of other MCP servers begin: their names follow.
OTHER_SERVERS: Final = "upstream:"

# A caller's decimal context could round.
_WIDE: Final = Context(prec=60)
_FINEST: Final = Decimal("1e-12")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Calls that have everything in common that figures are told apart by; the columns are the statement's."""

    place: int | None
    groups: int | None
    group_value: str | None
    group_time: datetime | None
    group_region: str | None
    group_account: str | None
    same_name: int | None
    same_place: int | None
    bucket: int
    target: str
    region: str | None
    architecture: str | None
    outcome: str | None
    price_source: str | None
    calls: int
    billed_calls: int
    backfilled: int
    first_at: datetime
    cost_usd: Decimal | None
    mb_ms: int | None
    cold_calls: int
    cold_mb_us: int | None
    unused_calls: int
    unused_mb_ms: int | None

    @property
    def is_of_other_server(self) -> bool:
        """Whether these are calls of another MCP server, which has no memory and no report of an execution."""
        return self.target.startswith(OTHER_SERVERS)

    @property
    def is_before(self) -> bool:
        """Whether these calls were in the period before."""
        return self.bucket == BEFORE

    @property
    def is_failure(self) -> bool:
        """Whether the callers did not get what they asked for; unknown is not taken for that."""
        return self.outcome is not None and self.outcome not in SUCCESSES

    @property
    def unpriced_calls(self) -> int:
        """Calls without a price."""
        return self.calls if self.cost_usd is None else 0


def cells_of(rows: Iterable[Mapping[str, Any]]) -> list[Cell]:
    """Read the rows of the statement."""
    return [Cell(**row) for row in rows]


def usd(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Add up what is known; None if nothing is."""
    known = [amount for amount in amounts if amount is not None]
    with localcontext(_WIDE):
        return sum(known, Decimal(0)) if known else None


def cost_of(cells: Iterable[Cell]) -> Decimal | None:
    """What these calls cost, as far as they have a price."""
    return usd(cell.cost_usd for cell in cells)


def calls_of(cells: Iterable[Cell]) -> int:
    """How many calls these are."""
    return sum(cell.calls for cell in cells)


def unpriced_of(cells: Iterable[Cell]) -> int:
    """How many of these calls have no price."""
    return sum(cell.unpriced_calls for cell in cells)


def gb_seconds(cells: Iterable[Cell]) -> float | None:
    """The billed memory x time of these calls."""
    known = [cell.mb_ms for cell in cells if cell.mb_ms is not None]
    return sum(known) / 1024 / 1000 if known else None


def per_call(cells: Sequence[Cell]) -> Decimal | None:
    """The mean price of these calls, of those that have one."""
    cost, priced = cost_of(cells), calls_of(cells) - unpriced_of(cells)
    return None if cost is None else rounded(cost / priced)


def part_of(amount: Decimal | None, whole: Decimal | None) -> float | None:
    """One amount as a share of another; None where either is not known or the whole is nothing."""
    return None if amount is None or not whole else float(amount / whole)


def rounded(amount: Decimal) -> Decimal:
    """An amount to the twelfth place, as the history stores money."""
    with localcontext(_WIDE):
        return amount.quantize(_FINEST)

"""The groups of the analysis of cost, from its cells. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from lambdascope_analytics.analyses.cost_answer import CostGroup
from lambdascope_analytics.analyses.cost_cells import (
    Cell,
    calls_of,
    cost_of,
    gb_seconds,
    part_of,
    per_call,
    unpriced_of,
)
from lambdascope_analytics.analyses.cost_prices import other_changes, other_currencies, other_per_call
from lambdascope_analytics.analyses.grouping import OF_TIME, GroupKey, labels
from lambdascope_analytics.pricing import RateTable


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCells:
    """One group's name and its cells, in the period and before it."""

    group: str
    cells: tuple[Cell, ...]
    before: tuple[Cell, ...]


def group_cells(cells: Sequence[Cell], group_by: str) -> list[GroupCells]:
    """The groups that are told apart, dearest first; hours and days in their order, the latest of them."""
    places = sorted({cell.place for cell in cells if cell.place is not None}, reverse=group_by in OF_TIME)
    of_places = [[cell for cell in cells if cell.place == place] for place in places]
    names = labels([_key(those[0], group_by) for those in of_places])
    return [
        GroupCells(
            group=name,
            cells=tuple(cell for cell in those if not cell.is_before),
            before=tuple(cell for cell in those if cell.is_before),
        )
        for name, those in zip(names, of_places, strict=True)
    ]


def cost_group(found: GroupCells, rates: RateTable, total: Decimal | None, *, is_compared: bool) -> CostGroup:
    """A group's figures; `is_compared` says whether there is a period before to compare with."""
    cost, before = cost_of(found.cells), cost_of(found.before)
    # Who was not called before cost nothing then; who was called at no known price cost what is not known.
    was = Decimal(0) if not found.before else before
    change = cost - was if is_compared and cost is not None and was is not None else None
    return CostGroup(
        group=found.group,
        calls=calls_of(found.cells),
        failures=calls_of(cell for cell in found.cells if cell.is_failure),
        unpriced_calls=unpriced_of(found.cells),
        cost_usd=cost,
        share=part_of(cost, total),
        cost_per_call_usd=per_call(found.cells),
        billed_gb_s=gb_seconds(found.cells),
        change_usd=change,
        change_share=part_of(change, was),
        other_currencies=other_currencies(rates, found.cells),
        other_per_call=other_per_call(rates, found.cells),
        other_changes=other_changes(rates, found.cells, found.before) if is_compared else {},
    )


def time_label(time: datetime, group_by: str) -> str:
    """What the day or the hour is called that a moment is in."""
    return f"{time.astimezone(UTC):{'%Y-%m-%d' if group_by == 'day' else '%Y-%m-%dT%H:00Z'}}"


def _key(cell: Cell, group_by: str) -> GroupKey:
    # The statement tells it in UTC, without a zone.
    value = time_label(cell.group_time.replace(tzinfo=UTC), group_by) if cell.group_time else cell.group_value
    return GroupKey(
        value=value,
        region=cell.group_region,
        account_id=cell.group_account,
        same_name=cell.same_name or 1,
        same_place=cell.same_place or 1,
    )

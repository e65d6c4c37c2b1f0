"""Meters what was spent of each budget and what is left of it."""

from collections.abc import Callable, Iterable
from typing import Final

from lambdascope_proxy import names
from lambdascope_proxy.budgets.budget import Unit
from lambdascope_proxy.budgets.standing import Standing
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Labels, Meters

SPENT: Final = {Unit.USD: m.BUDGET_SPENT, Unit.SECONDS: m.BUDGET_TIME_SPENT}
LEFT: Final = {Unit.USD: m.BUDGET_LEFT, Unit.SECONDS: m.BUDGET_TIME_LEFT}


def watch_budgets(meters: Meters, standings: Callable[[], Iterable[Standing]]) -> None:
    """Has them read whenever metrics are exported."""
    for unit in Unit:
        meters.watch(SPENT[unit], lambda unit=unit: _read(standings, unit, lambda standing: float(standing.used)))
        meters.watch(LEFT[unit], lambda unit=unit: _read(standings, unit, lambda standing: float(standing.left)))


def _read(
    standings: Callable[[], Iterable[Standing]], unit: Unit, figure: Callable[[Standing], float]
) -> Iterable[tuple[float, Labels]]:
    of_unit = [standing for standing in standings() if standing.budget.unit is unit]
    return [(figure(standing), {names.BUDGET: standing.budget.name}) for standing in of_unit]

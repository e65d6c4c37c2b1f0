"""Which budgets the settings make, and what each is called."""

from decimal import Decimal

from lambdascope_proxy.budgets.budget import Budget, Scope, Unit, budgets_of
from lambdascope_proxy.budgets.spending import Spent
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.settings_table import TABLE


def test_without_a_setting_there_is_no_budget() -> None:
    assert budgets_of(load_settings({})) == ()


def test_each_setting_makes_the_budget_that_names_it() -> None:
    # Catches a setting that is read and limits nothing.
    variables = [each.variable for each in TABLE if each.variable.startswith("LAMBDASCOPE_BUDGET_")]
    variables.remove("LAMBDASCOPE_BUDGET_WARN_SHARE")
    assert len(variables) == 8
    for variable in variables:
        (budget,) = budgets_of(load_settings({variable: "2.5"}))
        assert (budget.setting, budget.limit) == (variable, Decimal("2.5"))
        assert variable.lower().endswith(budget.name)


def test_a_budget_counts_its_own_unit() -> None:
    spent = Spent(usd=Decimal(1), seconds=Decimal(2))
    used = [Budget(scope=Scope.DAY, unit=unit, limit=Decimal(9)).used(spent) for unit in Unit]
    assert used == [1, 2]

"""The rules all advice shares: how sure it is, whether it is worth it, what comes first."""

from decimal import Decimal
from typing import Any

from lambdascope_analytics.analyses.sizing_answer import (
    Recommendation,
    confidence_of,
    if_worth_it,
    in_order,
    without_conflicts,
)


def recommendation(setting: str, **given: Any) -> Recommendation:
    usual: dict[str, Any] = {"is_change": True, "purpose": "less cost", "current": "a", "suggested": "b", "why": "c"}
    return Recommendation(setting=setting, confidence="high", **{**usual, **given})


def test_only_what_was_measured_many_times_is_sure() -> None:
    assert [confidence_of(n, is_measured=measured) for n in (999, 1_000) for measured in (False, True)] == [
        "low",
        "medium",
        "medium",
        "high",
    ]


def test_what_prevents_failures_comes_first_then_what_saves_most_then_what_stays() -> None:
    given = [
        recommendation("stays", is_change=False, purpose=None),
        recommendation("little", saves_usd_month=Decimal(1)),
        recommendation("much", saves_usd_month=Decimal(5)),
        recommendation("failing", purpose="fewer failures", saves_usd_month=Decimal(-3)),
        recommendation("faster", purpose="less latency", saves_usd_month=Decimal(-1)),
    ]
    assert [one.setting for one in in_order(given)] == ["failing", "much", "little", "faster", "stays"]


def test_less_than_a_cent_a_month_is_not_worth_a_change() -> None:
    small = if_worth_it(recommendation("memory", saves_usd_month=Decimal("0.009")))
    assert (small.is_change, small.suggested, small.saves_usd_month) == (False, "no change", None)
    assert "b would save less than 0.01 a month" in small.why
    for kept in (
        recommendation("memory", saves_usd_month=Decimal("0.01")),
        recommendation("memory", saves_usd_month=None),
        recommendation("memory", purpose="fewer failures", saves_usd_month=Decimal(-1)),
        recommendation("memory", saves_cny_month=Decimal("0.02")),
    ):
        assert if_worth_it(kept) == kept


def test_of_snapstart_and_provisioned_concurrency_the_one_that_saves_more_is_kept() -> None:
    memory = recommendation("memory", saves_usd_month=Decimal(9))
    provisioned = recommendation("provisioned concurrency", saves_usd_month=Decimal(2))
    for amount, kept, left in (
        ("-4", "provisioned concurrency", "SnapStart"),
        ("3", "SnapStart", "provisioned concurrency"),
    ):
        snapstart = recommendation("SnapStart", purpose="less latency", saves_usd_month=Decimal(amount))
        found = {one.setting: one for one in without_conflicts([memory, provisioned, snapstart])}
        assert [name for name, one in found.items() if one.is_change] == ["memory", kept]
        assert f"a version cannot have it together with {kept}, which saves more" in found[left].why
        assert found[left].saves_usd_month is None


def test_where_snapstart_is_on_no_concurrency_is_provisioned() -> None:
    on = recommendation("SnapStart", is_change=False, purpose=None, current="on", suggested="no change")
    _, found = without_conflicts([on, recommendation("provisioned concurrency", saves_usd_month=Decimal(2))])
    assert (found.is_change, "SnapStart, which is on" in found.why) == (False, True)


def test_what_is_not_advised_is_in_nobodys_way() -> None:
    off = recommendation("SnapStart", is_change=False, purpose=None, current="off", suggested="no change")
    given = [off, recommendation("provisioned concurrency", saves_usd_month=Decimal(2))]
    assert without_conflicts(given) == given

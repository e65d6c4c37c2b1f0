"""Answers leave as plain JSON: money exact, times in UTC, nothing that strict JSON lacks."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from math import inf, nan
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.analyses.plain import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    at: datetime
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    inner: tuple[Inner, ...]
    share: float
    by_name: dict[str, object]


def test_dataclasses_become_objects_all_the_way_down() -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=2)))
    answer = Outer(
        inner=(Inner(at=at, cost_usd=Decimal("0.0000020000")), Inner(at=at, cost_usd=None)),
        share=1 / 3,
        by_name={"day": date(2026, 11, 22), "id": UUID(int=7), "whole": 12.0, "n": 3, "yes": True},
    )
    assert plain(answer) == {
        "inner": [
            {"at": "2026-11-22T10:00:00Z", "cost_usd": "0.000002"},
            {"at": "2026-11-22T10:00:00Z", "cost_usd": None},
        ],
        "share": 0.333333,
        "by_name": {
            "day": "2026-11-22",
            "id": "00000000-0000-0000-0000-000000000007",
            "whole": 12,
            "n": 3,
            "yes": True,
        },
    }


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_figure_that_json_does_not_have_is_null(value: float) -> None:
    assert plain(value) is None


def test_what_has_no_form_is_refused_rather_than_printed() -> None:
    with pytest.raises(TypeError, match="set"):
        plain({"x": {1, 2}})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9), max_value=10**9))
def test_money_keeps_its_value_and_has_no_exponent(amount: Decimal) -> None:
    text = json.loads(json.dumps(plain(amount)))
    assert Decimal(text) == amount
    assert "E" not in text.upper()

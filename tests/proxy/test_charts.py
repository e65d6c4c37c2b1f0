import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.charts import BLOCKS, PLAIN, sparkline

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


def test_the_largest_value_is_a_full_block_and_zero_an_empty_one() -> None:
    assert sparkline([0, 7, 14], levels=BLOCKS) == "▁▄█"


def test_one_error_among_thousands_is_seen() -> None:
    """Drawn in proportion it would look like none."""
    assert sparkline([0, 1, 10_000], levels=BLOCKS) == "▁▂█"


def test_a_gap_is_no_zero() -> None:
    assert sparkline([1, None, 1, 0], levels=PLAIN) == "# #_"


def test_without_values_there_is_no_chart_and_equal_ones_make_a_flat_one() -> None:
    assert sparkline([None, None]) == ""
    assert sparkline([0, 0], levels=BLOCKS) == "▁▁"


def test_where_blocks_cannot_be_written_plain_characters_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert sparkline([0, 5]) == "_#"


@given(values=st.lists(st.none() | FINITE, max_size=80))
def test_there_is_one_character_for_each_value_and_higher_is_never_lower(values: list[float | None]) -> None:
    drawn = sparkline(values, levels=BLOCKS)
    if all(value is None for value in values):
        assert drawn == ""
        return
    assert len(drawn) == len(values)
    known = sorted((value, BLOCKS.index(mark)) for value, mark in zip(values, drawn, strict=True) if value is not None)
    assert [level for _, level in known] == sorted(level for _, level in known)

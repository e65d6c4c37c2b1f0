"""An answer lists at least one item and no more than anybody reads."""

import pytest

from lambdascope_analytics.analyses.listing import MOST, read_top
from lambdascope_analytics.errors import QuestionError


def test_a_number_of_items_in_range_is_taken() -> None:
    assert [read_top(top) for top in (1, MOST)] == [1, MOST]


@pytest.mark.parametrize("top", [0, -1, MOST + 1])
def test_another_is_refused_with_what_would_do(top: int) -> None:
    with pytest.raises(QuestionError, match=f"top is {top}: use 1 to {MOST}"):
        read_top(top)

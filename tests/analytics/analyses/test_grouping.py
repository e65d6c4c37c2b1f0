"""Groups have names that tell them apart and are no longer than that takes."""

import pytest

from lambdascope_analytics.analyses.grouping import GROUPS, GroupKey, labels, read_group
from lambdascope_analytics.errors import QuestionError


def test_a_name_that_stands_alone_is_the_label() -> None:
    keys = [GroupKey(value="a", region="r1", account_id="1"), GroupKey(value="b", region="r2", account_id="1")]
    assert labels(keys) == ["a", "b"]


def test_the_same_function_elsewhere_gets_its_region_and_in_another_account_that_too() -> None:
    keys = [
        GroupKey(value="a", region="r1", account_id="1"),
        GroupKey(value="a", region="r1", account_id="2"),
        GroupKey(value="a", region="r2", account_id="1"),
        GroupKey(value="b", region="r1", account_id=None),
    ]
    assert labels(keys) == ["1:r1:a", "2:r1:a", "r2:a", "b"]


def test_a_name_is_told_apart_from_groups_that_are_not_listed_too() -> None:
    assert labels([GroupKey(value="a", region="r1", account_id="1", same_name=2)]) == ["r1:a"]
    assert labels([GroupKey(value="a", region="r1", account_id="1", same_name=3, same_place=2)]) == ["1:r1:a"]


def test_what_is_not_known_is_said_to_be() -> None:
    assert labels([GroupKey(value=None)]) == ["(unknown)"]


def test_another_grouping_is_refused_with_those_there_are() -> None:
    assert read_group("tool") == "tool"
    with pytest.raises(QuestionError, match="group_by is 'colour': use one of function, tool") as refused:
        read_group("colour")
    assert refused.value.field == "group_by"
    assert all(name in str(refused.value) for name in GROUPS)

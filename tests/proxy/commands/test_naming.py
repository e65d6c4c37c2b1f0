"""Arguments that name one of a few things."""

import argparse
from collections.abc import Callable, Iterable

import pytest

from lambdascope_proxy.commands.naming import given, metric_types, one_of, presets, some_of, sorts
from lambdascope_proxy.tools.monitor_executions import SPEC as ONE
from lambdascope_proxy.tools.monitor_fleet import SPEC as FLEET
from lambdascope_proxy.tools.query_logs import SPEC as LOGS


def test_a_name_that_is_known_is_taken_and_another_is_told_with_those_there_are() -> None:
    read = one_of(lambda: ("errors", "cost"))
    assert read("cost") == "cost"
    with pytest.raises(argparse.ArgumentTypeError, match="'price' is none of errors, cost"):
        read("price")


def test_several_names_are_taken_each_once() -> None:
    read = some_of(lambda: ("errors", "cost"))
    assert read("cost, errors,cost") == ["cost", "errors"]
    for bad in ("", "cost,", "cost;errors"):
        with pytest.raises(argparse.ArgumentTypeError):
            read(bad)


@pytest.mark.parametrize(
    ("names", "enum"),
    [
        (presets, LOGS.input_schema["properties"]["preset"]["enum"]),
        (metric_types, ONE.input_schema["properties"]["metric_types"]["items"]["enum"]),
        (sorts, FLEET.input_schema["properties"]["sort_by"]["enum"]),
    ],
)
def test_the_names_are_those_the_tools_take(names: Callable[[], Iterable[str]], enum: list[str]) -> None:
    assert list(names()) == enum


def test_only_what_was_given_is_passed_on() -> None:
    arguments = argparse.Namespace(limit=0, region=None, preset="errors")
    assert given(arguments, "limit", "region") == {"limit": 0}

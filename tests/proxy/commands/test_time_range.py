"""The arguments of a span of time."""

import argparse
from typing import Any

import pytest

from lambdascope_proxy.commands.time_range import add_time_range, time_range_of
from lambdascope_proxy.errors import SettingsError


def read(*words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    add_time_range(parser, default="3h")
    return time_range_of(parser.parse_args(words))


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ((), {}),  # the tool's own default then holds
        (("--last", "1h"), {"time_range": {"last": "1h"}}),
        (("--start", "2026-11-22"), {"time_range": {"start": "2026-11-22"}}),
        (("--start", "a", "--end", "b"), {"time_range": {"start": "a", "end": "b"}}),
    ],
)
def test_it_is_what_the_tools_take(words: tuple[str, ...], asked: dict[str, Any]) -> None:
    assert read(*words) == asked


@pytest.mark.parametrize("words", [("--last", "1h", "--start", "a"), ("--last", "1h", "--end", "a"), ("--end", "a")])
def test_forms_that_contradict_each_other_are_bad_usage(words: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match="goes with"):
        read(*words)

"""Advice for people: commands that run as they stand."""

import argparse
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.cloudwatch.presets import PRESETS
from lambdascope_proxy.commands import logs
from lambdascope_proxy.views.advice import as_commands


@pytest.mark.parametrize(
    ("advice", "told"),
    [
        (
            "Look at one failure whole: inspect_execution(request_id='55668bea').",
            "Look at one failure whole: `lambdascope inspect 55668bea`.",
        ),
        (
            'query_logs(function_names=["orders", "a b"], preset="errors") shows whether it is alone.',
            "`lambdascope logs orders 'a b' --preset errors` shows whether it is alone.",
        ),
        (
            "monitor_executions(function_name='orders') tells what is behind the first of them.",
            "`lambdascope monitor orders` tells what is behind the first of them.",
        ),
        ('inspect_execution(request_id="...") shows everything.', "`lambdascope inspect ID` shows everything."),
        (
            'analyze_errors(time_range={"last": "30d"}, function_name="orders") looks further back.',
            "`lambdascope errors --function orders --last 30d` looks further back.",
        ),
        ('compare_periods(b={"last": "30d"}) has more.', "`lambdascope compare --last 30d` has more."),
        (
            'compare_periods(a={"start": "2026-11-01", "end": "2026-11-02"}, b={"last": "1d"}, group_by="client") has.',
            "`lambdascope compare --by client --last 1d --before-start 2026-11-01 --before-end 2026-11-02` has.",
        ),
        (
            'recommend_settings(function_name="orders", time_range={"last": "7d"}) tells more.',
            "`lambdascope recommend orders --last 7d` tells more.",
        ),
        ("compare_periods() tells whether latency changed.", "`lambdascope compare` tells whether latency changed."),
        ("see monitor_fleet for the others", "see `lambdascope monitor --fleet` for the others"),
        ("ask for a longer time_range", "ask for a longer time range"),
        ("Raise its memory above 256 MB.", "Raise its memory above 256 MB."),
    ],
)
def test_calls_of_tools_become_the_commands_that_do_the_same(advice: str, told: str) -> None:
    assert as_commands(advice) == told


@given(text=st.text())
def test_advice_that_names_no_tool_stays_as_it_is(text: str) -> None:
    names = (
        "monitor_",
        "list_functions",
        "query_logs",
        "inspect_",
        "analyze_",
        "compare_periods",
        "time_range",
        "sort_by",
        "under partial",
    )
    assert any(name in text for name in names) or as_commands(text) == text


@pytest.mark.parametrize("preset", list(PRESETS))
def test_the_commands_are_accepted_by_the_command_line(preset: str) -> None:
    """Advice that is bad usage would be worse than none."""
    told = as_commands(f"query_logs(function_names=['orders'], preset={preset!r})")
    parser = argparse.ArgumentParser()
    logs.add(parser.add_subparsers())
    parsed = parser.parse_args(shlex.split(told.strip("`"))[1:])
    assert (parsed.functions, parsed.preset) == (["orders"], preset)


@pytest.mark.parametrize("broken", ["query_logs()", "query_logs(x", "inspect_execution(request_id=who)"])
def test_a_call_that_cannot_be_read_is_left_for_its_name(broken: str) -> None:
    assert as_commands(broken).startswith("`lambdascope ")

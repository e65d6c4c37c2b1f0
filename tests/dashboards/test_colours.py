"""Colours of outcomes."""

from typing import Any

from lambdascope_dashboards.colours import OUTCOMES
from lambdascope_proxy.call import OutcomeKind

Json = dict[str, Any]


def test_every_outcome_has_a_colour_of_its_own_and_only_successes_are_green() -> None:
    assert {*OUTCOMES} == {*OutcomeKind}
    assert len(set(OUTCOMES.values())) == len(OUTCOMES)
    assert {kind for kind in OutcomeKind if "green" in OUTCOMES[kind]} == {
        kind for kind in OutcomeKind if not kind.is_failure
    }


def test_panels_that_tell_outcomes_apart_have_them(asked: list[tuple[str, Json]]) -> None:
    coloured = {
        panel["title"]
        for _, panel in asked
        for override in panel["fieldConfig"]["overrides"]
        if override["matcher"]["options"] == "out_of_memory"
    }
    assert coloured == {
        "Cost an hour of failures, by outcome",
        "Failures outside of functions",
        "Invoke by outcome, p95",
        "Late outcomes of asynchronous calls",
        "Outcomes of calls",
    }

"""recommend_settings: what is asked of the analysis, with what the catalogue knows, and what a model reads."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from lambdascope_proxy.analysing.asking import MOST_TEXT_BYTES
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.tools import recommend_settings
from lambdascope_proxy.tools.recommend_settings import RecommendSettings, sizing_text

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHANGE: Mapping[str, Any] = {
    "setting": "memory",
    "is_change": True,
    "current": "512 MB",
    "suggested": "256 MB",
    "why": "at most 100 of 512 MB used",
    "confidence": "medium",
    "risk": "slower where it computes",
}
LEAVE: Mapping[str, Any] = {**CHANGE, "setting": "SnapStart", "is_change": False, "suggested": "no change", "risk": ""}
ANSWER: Mapping[str, Any] = {
    "summary": "orders (512 MB, x86_64, 2,000 executions): memory 512 MB -> 256 MB (saves up to $0.20 a month).",
    "memory_mb": 512,
    "architecture": "x86_64",
    "recommendations": [CHANGE, LEAVE],
    "refusals": [{"setting": "timeout", "missing": "4 successful executions, at least 100 are needed"}],
    "notes": ["A month is 30 days.", "Calls that are not in this history are in no figure."],
    "next_step": 'recommend_settings(function_name="orders") again.',
}


class Known:
    """Catalogues that know one function, or none."""

    def __init__(self, function: Any = None, accounts: tuple[str, ...] = (), hangs: Any = None) -> None:
        self._function = function
        self._hangs = hangs
        self.accounts = accounts

    async def find(self, name: str, region: str | None = None) -> Any:
        if self._hangs:
            await self._hangs.wait()
        if self._function is None:
            raise CallFailed(OutcomeKind.REFUSED, "NothingAllowed", "no")
        return self._function


async def asked(ask_tool: Any, known: Any, **arguments: Any) -> tuple[Mapping[str, object], Any]:
    outcome, name, parameters = await ask_tool(
        partial(RecommendSettings, catalogs=known, now=lambda: NOW),
        ANSWER,
        {"function_name": "orders", **arguments},
    )
    assert outcome.text == sizing_text(ANSWER)
    assert name == "sizing"
    return parameters, outcome


async def test_what_the_catalogue_knows_of_the_function_goes_into_the_question(ask_tool: Any, function_of: Any) -> None:
    parameters, outcome = await asked(ask_tool, Known(function_of(timeout_s=29, memory_mb=512)))
    assert parameters == {
        "function_name": "orders",
        "start": NOW - timedelta(days=14),
        "end": NOW,
        "region": "us-east-1",
        "account_id": None,
        "timeout_s": 29,
        "memory_mb": 512,
        "architecture": "x86_64",
    }
    assert outcome.notes == ()


async def test_where_several_accounts_are_looked_at_the_one_that_was_found_is_asked_about(
    ask_tool: Any, function_of: Any
) -> None:
    parameters, _ = await asked(ask_tool, Known(function_of(), accounts=("210987654321",)))
    assert parameters["account_id"] == "123456789012"


async def test_without_the_catalogue_the_advice_is_given_all_the_same(ask_tool: Any) -> None:
    parameters, outcome = await asked(ask_tool, Known(), time_range={"last": "3h"}, region="eu-west-1")
    assert (parameters["timeout_s"], parameters["region"], parameters["account_id"]) == (None, "eu-west-1", None)
    assert parameters["start"] == NOW - timedelta(hours=3)
    assert outcome.notes == ()


async def test_a_catalogue_that_does_not_answer_is_not_waited_for(
    ask_tool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommend_settings, "LOOK_S", 0.01)
    parameters, _ = await asked(ask_tool, Known(hangs=asyncio.Event()))
    assert {parameters[name] for name in ("timeout_s", "memory_mb", "architecture")} == {None}


async def test_a_full_name_is_taken_apart(ask_tool: Any) -> None:
    parameters, _ = await asked(ask_tool, Known(), function_name="123456789012:eu-west-1:orders")
    assert (parameters["function_name"], parameters["region"], parameters["account_id"]) == (
        "orders",
        "eu-west-1",
        "123456789012",
    )
    with pytest.raises(CallFailed, match="region is 'us-east-1'"):
        await asked(ask_tool, Known(), function_name="eu-west-1:orders", region="us-east-1")


async def test_a_setting_that_was_changed_since_the_last_call_is_told(ask_tool: Any, function_of: Any) -> None:
    _, outcome = await asked(ask_tool, Known(function_of(memory_mb=1024)))
    assert outcome.notes == ("It is set to 1024 MB, x86_64 now; this rests on calls with 512 MB, x86_64.",)


def test_a_model_reads_every_setting_in_a_line_what_is_missing_and_one_next_step() -> None:
    assert sizing_text(ANSWER).splitlines() == [
        "orders (512 MB, x86_64, 2,000 executions): memory 512 MB -> 256 MB (saves up to $0.20 a month).",
        "memory (medium confidence): at most 100 of 512 MB used. Risk: slower where it computes.",
        "No change: SnapStart.",
        "Cannot judge timeout: 4 successful executions, at least 100 are needed.",
        "A month is 30 days.",
        "Calls that are not in this history are in no figure.",
        'Next: recommend_settings(function_name="orders") again.',
    ]


def test_where_there_is_no_next_step_none_is_read() -> None:
    assert "Next" not in sizing_text({**ANSWER, "next_step": None})


def test_the_next_step_is_read_however_much_there_is_to_say() -> None:
    long = {**CHANGE, "why": "w " * 450, "risk": "r " * 450}
    refusals = [{"setting": "timeout", "missing": "m" * 900}] * 2
    text = sizing_text({**ANSWER, "recommendations": [long] * 7, "refusals": refusals, "notes": ["n" * 300] * 2})
    assert len(text.encode()) <= MOST_TEXT_BYTES
    assert text.endswith("again.")
    assert text.count(" w... Risk: r ") == 3, "cut between words"

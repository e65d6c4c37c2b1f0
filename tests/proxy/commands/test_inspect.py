"""`lambdascope inspect`: everything known of one execution."""

import json
from typing import Any

import pytest

from lambdascope_proxy.cli import main
from lambdascope_proxy.commands.inspect import name_of

pytestmark = pytest.mark.usefixtures("past")
NOBODY = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize("by", ["call_id", "request_id"])
def test_either_id_of_a_call_shows_what_became_of_it(by: str, past: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call = past.calls["declined"]
    assert main(["inspect", call[by]]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "outcome   function_error: CardDeclinedError: order 1005: insufficient funds" in printed.out
    for shown in (call["call_id"], call["request_id"], "Where the time went", "platform.report", "Links"):
        assert shown in printed.out


def test_a_program_gets_the_whole_of_it(past: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", past.calls["exported"]["call_id"], "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["source"], data["execution"]["outcome"]) == ("history", "out_of_memory")
    assert data["execution"]["cost_usd"] == past.calls["exported"]["cost_usd"]


def test_an_execution_that_did_not_come_through_is_found_in_its_functions_log(
    past: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", past.request_beside, "--function", "demo-order-status", "--last", "1h"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("demo-order-status, from the logs\n")
    assert f"REPORT RequestId: {past.request_beside}" in printed.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nonsense"], "has the form of neither"),
        ([NOBODY], "Give function_name"),
        ([NOBODY, "--function", "demo-charge-card"], "No log line"),
        (["01935a2b-7c00-7000-8000-000000000000"], "The history has no call"),
    ],
)
def test_an_id_that_leads_nowhere_is_told_with_code_1(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", *words]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert told in printed.err


def test_what_an_id_is_shows_in_its_version() -> None:
    assert name_of("01935a2b-7c00-7000-8000-000000000000") == "call_id"
    assert name_of(f" {NOBODY} ") == name_of("nonsense") == "request_id"

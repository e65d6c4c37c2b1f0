"""`lambdascope invoke`: one call through the pipeline agents use, with exit codes for scripts."""

import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lambdascope_analytics.history import open_history
from lambdascope_proxy.cli import main
from lambdascope_proxy.local import LocalAws
from lambdascope_proxy.local.demo import SCHEMA_TAG

Enter = Callable[[Mapping[str, str]], None]


@pytest.fixture(autouse=True)
def shop_environment(enter: Enter, shop: LocalAws, tmp_path: Path) -> None:
    ours = {
        "FUNCTION_PREFIX": "demo-",
        "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": SCHEMA_TAG,
        "LAMBDASCOPE_HISTORY_DIR": str(tmp_path),
    }
    enter({**shop.environment(), **ours})


def test_the_result_is_all_of_stdout_and_the_facts_are_on_stderr(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["invoke", "demo-order-status", "--payload", '{"order_id": 1001}']) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["order_id"] == 1001
    assert "lambdascope: call " in printed.err
    with open_history(tmp_path) as history:
        (row,) = history.query("SELECT * FROM calls")
    assert (row["transport"], row["client_name"], row["outcome"]) == ("cli", "lambdascope-cli", "ok")


def test_as_json_the_facts_come_with_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--payload", "{}", "--qualifier", "live", "--tail", "--json"]
    assert main(["invoke", "demo-recommend-products", *arguments]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["outcome"], printed["executed_version"], printed["cost_source"]) == ("ok", "1", "measured")
    assert "REPORT RequestId" in printed["log_tail"]


def test_the_payload_may_come_from_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"order_id": 1002}'))
    assert main(["invoke", "demo-order-status", "--payload", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["order_id"] == 1002


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["demo-shipping-quote", "--payload", '{"country": "AQ"}'], "function_error"),
        (["demo-order-status", "--payload", '{"order": 1}'], "get_function_schema"),
        (["payroll"], "not among those allowed"),
    ],
)
def test_a_failed_call_exits_with_1_and_tells_why_on_stderr(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["invoke", *arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err


def test_a_failed_call_as_json_is_still_json_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["invoke", "payroll", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["outcome"] == "refused"


def test_an_endpoint_that_is_no_url_is_told_with_its_setting_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "localhost:4566")
    assert main(["invoke", "demo-order-status", "--payload", '{"order_id": 1001}']) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "localhost:4566" in printed.err
    assert "AWS_ENDPOINT_URL" in printed.err
    assert "Traceback" not in printed.err


def test_a_payload_that_is_not_json_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["invoke", "demo-order-status", "--payload", "{order"]) == 2
    assert capsys.readouterr().err.startswith("lambdascope: --payload is not JSON: ")


@pytest.mark.parametrize(("kind", "outcome"), [("DryRun", "dry_run"), ("Event", "accepted")])
def test_a_call_that_runs_later_or_not_at_all_is_no_failure(
    kind: str, outcome: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["invoke", "demo-order-status", "--payload", '{"order_id": 1001}', "--type", kind, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == outcome

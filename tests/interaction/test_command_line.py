"""The command line, as a person and as a script meet it."""

import json
import re

import pytest
from stage.proxies import Stage

from lambdascope_proxy.local import LocalAws


def test_functions_shows_what_may_be_called_and_nothing_else(stage: Stage) -> None:
    shown = stage.run("functions")
    assert shown.returncode == 0, shown.stderr
    assert "demo-create-order" in shown.stdout
    assert "FUNCTION_PREFIX=demo-" in shown.stdout
    assert "payroll" not in shown.stdout
    listed = json.loads(stage.run("functions", "--json").stdout)
    assert {"demo-create-order", "odd-echo"} <= {function["name"] for function in listed}


def test_invoke_prints_the_result_alone_on_stdout_and_records_the_call(stage: Stage) -> None:
    done = stage.run("invoke", "odd-scalar", "--payload", '{"value": {"a": ["é", 1]}}')
    assert (done.returncode, done.stdout) == (0, '{"a": ["é", 1]}\n')
    assert re.search(r"lambdascope: call \S+, ok, billed \d+ ms at 128 MB", done.stderr)
    (row,) = stage.rows()
    assert (row["transport"], row["client_name"], row["outcome"]) == ("cli", "lambdascope-cli", "ok")


def test_invoke_takes_its_payload_from_stdin_with_qualifier_type_and_json(stage: Stage) -> None:
    done = stage.run("invoke", "demo-recommend-products", "--payload", "-", "--qualifier", "live", "--json", stdin="{}")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["outcome"], answer["executed_version"], answer["qualifier"]) == ("ok", "1", "live")
    half_a_pair = stage.run("invoke", "odd-scalar", "--payload", '{"count": "\\ud800"}', "--tail")
    assert (half_a_pair.returncode, half_a_pair.stdout) == (0, "1\n")
    assert "START RequestId" in half_a_pair.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["payroll"], 1, "not among those allowed"),
        (["demo-order-status", "--payload", "{}"], 1, "order_id"),
        (["odd-echo", "--payload", "{not json"], 2, "--payload is not JSON"),
        (["odd-echo", "--type", "Sometimes"], 2, "--type"),
        ([], 2, "function"),
    ],
)
def test_invoke_tells_failure_from_bad_usage_by_its_exit_code(
    stage: Stage, arguments: list[str], code: int, reason: str
) -> None:
    done = stage.run("invoke", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_finds_everything_in_place_and_runs_no_function(stage: Stage, local_aws: LocalAws) -> None:
    """It asks for permission by a dry run: an invocation would cost, and could do harm."""
    before = len(local_aws.journal.invocations())
    done = stage.run("doctor", "--json")
    findings = {finding["subject"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert {finding["status"] for finding in findings.values()} == {"ok"}
    assert findings["region"]["detail"] == "us-east-1"
    assert "123456789012" in findings["credentials"]["detail"]
    assert "demo-charge-card" in findings["functions"]["detail"]
    assert {"permission lambda:InvokeFunction", "permission tag:GetResources", "input schemas"} <= set(findings)
    assert findings["history"]["detail"] == str(stage.history_directory)
    assert findings["dropped rows"]["detail"] == "none"
    assert len(local_aws.journal.invocations()) == before


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"FUNCTION_PREFIX": None, "FUNCTION_LIST": None}, "LAMBDASCOPE_ALLOW_ALL_FUNCTIONS"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"}, "127.0.0.1:9"),
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_SESSION_TOKEN": None}, "credentials"),
        ({"AWS_REGION": None, "AWS_DEFAULT_REGION": None}, "Set AWS_REGION"),
    ],
    ids=["nothing allowed", "no network", "no credentials", "no region"],
)
def test_doctor_fails_with_a_next_step_where_calls_would(
    stage: Stage, changed: dict[str, str | None], reason: str
) -> None:
    done = stage.having(**changed).run("doctor")
    assert done.returncode == 1
    assert "FAIL" in done.stdout
    assert reason in done.stdout
    assert "Traceback" not in done.stderr


def test_a_setting_that_is_wrong_is_named_in_one_line_and_is_bad_usage(stage: Stage) -> None:
    done = stage.having(LAMBDASCOPE_EXPOSE="everything").run("serve")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "LAMBDASCOPE_EXPOSE" in done.stderr
    assert "generic, functions, both" in done.stderr


def test_demo_once_makes_every_call_as_planned_and_prints_the_reports(stage: Stage) -> None:
    done = stage.run("demo", "--once", "--history-dir", str(stage.history_directory))
    assert done.returncode == 0, done.stdout + done.stderr
    for heading in ("Calls, as the history has them", "Cost by function", "Latency by function"):
        assert heading in done.stdout
    assert "NOT AS EXPECTED" not in done.stdout
    outcomes = {row["outcome"] for row in stage.rows()}
    assert {"ok", "function_error", "function_timeout", "out_of_memory", "invalid_arguments", "not_found"} <= outcomes
    for row in stage.rows("cost_usd IS NOT NULL"):
        assert f"{row['cost_usd']:f}" in done.stdout, "the printed cost is the recorded one"

"""`lambdascope functions`: what agents may call."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lambdascope_proxy.cli import main
from lambdascope_proxy.local import LocalAws, LocalRole
from lambdascope_proxy.local.demo import demo_functions

Enter = Callable[[Mapping[str, str]], None]


def test_the_functions_are_shown_with_the_setting_that_allows_them(
    enter: Enter, shop: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    enter({**shop.environment(), "FUNCTION_LIST": "demo-charge-card,demo-order-status"})
    assert main(["functions"]) == 0
    printed = capsys.readouterr().out
    assert "2 functions may be called (FUNCTION_LIST=demo-charge-card,demo-order-status)" in printed
    assert "demo-charge-card" in printed
    assert "demo-create-order" not in printed


def test_as_json_they_come_with_all_that_is_known_and_nothing_else_on_stdout(
    enter: Enter, shop: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    enter({**shop.environment(), "FUNCTION_PREFIX": "demo-c"})
    assert main(["functions", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [function["name"] for function in printed] == ["demo-charge-card", "demo-create-order"]
    assert printed[0]["tags"]["team"] == "payments"
    assert (printed[0]["memory_mb"], printed[0]["architecture"]) == (256, "arm64")


def test_the_table_shows_no_tags_and_reads_none(
    enter: Enter, shop: LocalAws, scripted: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    # Not even those that name schemas: a role without the permission can still look.
    enter(
        {
            **shop.environment(),
            "FUNCTION_PREFIX": "demo-c",
            "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": "schema",
            "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": scripted.url,
        }
    )
    assert main(["functions"]) == 0
    assert "demo-create-order" in capsys.readouterr().out
    assert scripted.requests == []


def test_as_json_tags_are_null_where_the_role_may_not_read_them(
    enter: Enter, shop: LocalAws, scripted: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = {"FUNCTION_LIST": "orders", "AWS_ENDPOINT_URL_LAMBDA": scripted.url}
    enter({**shop.environment(), **ours, "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": scripted.url})
    arn = "arn:aws:lambda:us-east-1:123456789012:function:orders"
    scripted.will_answer(body=json.dumps({"FunctionName": "orders", "FunctionArn": arn}).encode())
    scripted.will_refuse(400, "AccessDeniedException", "not authorized to perform tag:GetResources")
    scripted.will_refuse(403, "AccessDeniedException", "not authorized to perform lambda:ListTags")
    assert main(["functions", "--json"]) == 0
    (printed,) = json.loads(capsys.readouterr().out)
    assert (printed["name"], printed["tags"]) == ("orders", None)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "FUNCTION_PREFIX"),
        ({"FUNCTION_PREFIX": "demo-", "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9"}, "could not be reached"),
        ({"FUNCTION_PREFIX": "demo-", "AWS_PROFILE": "nobody"}, "nobody"),
        ({"FUNCTION_PREFIX": "demo-", "AWS_ENDPOINT_URL_LAMBDA": "localhost:4566"}, "AWS_ENDPOINT_URL"),
    ],
)
def test_a_failure_is_one_line_on_stderr_and_exit_code_1(
    enter: Enter, shop: LocalAws, capsys: pytest.CaptureFixture[str], changed: dict[str, str], words: str
) -> None:
    enter({**shop.environment(), **changed})
    assert main(["functions"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1


def test_functions_of_other_accounts_and_regions_are_shown_by_the_names_they_are_called_by(
    enter: Enter, capsys: pytest.CaptureFixture[str]
) -> None:
    functions = demo_functions()[:1]
    role = "arn:aws:iam::222222222222:role/reader"
    with LocalAws(functions, roles=[LocalRole(arn=role)]) as aws:
        aws.deploy(functions, region="us-east-1", account_id="222222222222")
        aws.deploy(demo_functions()[1:2], region="eu-west-1", account_id="123456789012")
        enter(
            {
                **aws.environment(),
                "FUNCTION_PREFIX": "demo-",
                "LAMBDASCOPE_REGIONS": "eu-west-1",
                "LAMBDASCOPE_ROLE_ARNS": role,
            }
        )
        assert main(["functions"]) == 0
        at_home = capsys.readouterr().out
        assert main(["functions", "--region", "eu-west-1", "--json"]) == 0
        elsewhere = json.loads(capsys.readouterr().out)
    assert "123456789012:us-east-1:demo-order-status" in at_home
    assert "222222222222:us-east-1:demo-order-status" in at_home
    assert [(function["name"], function["region"]) for function in elsewhere] == [("demo-create-order", "eu-west-1")]

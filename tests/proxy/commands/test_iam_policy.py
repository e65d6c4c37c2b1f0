"""`lambdascope iam-policy`: what it prints, what it leaves open and what it refuses."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.cli import main

Enter = Callable[[Mapping[str, str]], None]
Printed = pytest.CaptureFixture[str]
PAGE = Path(__file__).parents[3] / "docs" / "permissions.md"
ROLE = "arn:aws-cn:iam::222222222222:role/reader"
NO_FILES = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
HOME = {**NO_FILES, "AWS_REGION": "eu-central-1", "FUNCTION_PREFIX": "agent-"}


def statements(printed: str) -> dict[str, Any]:
    """The statements by Sid."""
    return {statement["Sid"]: statement for statement in json.loads(printed)["Statement"]}


def test_the_page_about_permissions_shows_what_the_command_prints(enter: Enter, capsys: Printed) -> None:
    enter({**HOME, "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": "schema"})
    assert main(["iam-policy", "--account", "123456789012"]) == 0
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    printed = capsys.readouterr()
    assert shown == printed.out
    assert printed.err == ""


def test_without_account_and_region_the_arns_hold_for_any_and_it_says_so(enter: Enter, capsys: Printed) -> None:
    enter({**NO_FILES, "FUNCTION_LIST": "pay"})
    assert main(["iam-policy"]) == 0
    printed = capsys.readouterr()
    assert statements(printed.out)["CallTheFunctions"]["Resource"][0] == "arn:aws:lambda:*:*:function:pay"
    assert "--account ID" in printed.err
    assert "set AWS_REGION" in printed.err


def test_the_region_of_a_profile_is_the_home_region(enter: Enter, capsys: Printed, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile shop]\nregion = eu-west-3\n")
    enter({"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_PROFILE": "shop", "FUNCTION_LIST": "pay"})
    assert main(["iam-policy"]) == 0
    resources = statements(capsys.readouterr().out)["CallTheFunctions"]["Resource"]
    assert resources[0] == "arn:aws:lambda:eu-west-3:*:function:pay"


def test_further_regions_are_in_the_policy_and_every_region_is_no_condition(enter: Enter, capsys: Printed) -> None:
    enter({**HOME, "LAMBDASCOPE_REGIONS": "us-east-1"})
    assert main(["iam-policy"]) == 0
    both = statements(capsys.readouterr().out)
    assert len(both["ReadLimitsAndAliases"]["Resource"]) == 2
    assert both["FindThem"]["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["eu-central-1", "us-east-1"]}}
    enter({**HOME, "LAMBDASCOPE_REGIONS": "*"})
    assert main(["iam-policy", "--account", "123456789012"]) == 0
    printed = capsys.readouterr()
    assert "Condition" not in statements(printed.out)["FindThem"]
    assert printed.err == ""


def test_without_monitoring_cloudwatch_is_not_in_it(enter: Enter, capsys: Printed) -> None:
    enter(HOME)
    assert main(["iam-policy", "--no-monitoring"]) == 0
    assert not re.search("cloudwatch|logs:", capsys.readouterr().out)


def test_a_role_has_a_policy_of_its_own_for_its_account_and_partition(enter: Enter, capsys: Printed) -> None:
    # Neither the lake nor other roles are its business.
    lake = {"LAMBDASCOPE_HISTORY_S3": "s3://my-lake"}
    enter({**HOME, **lake, "AWS_REGION": "cn-north-1", "LAMBDASCOPE_ROLE_ARNS": ROLE})
    assert main(["iam-policy", "--role", ROLE]) == 0
    found = statements(capsys.readouterr().out)
    expected = "arn:aws-cn:lambda:cn-north-1:222222222222:function:agent-*"
    assert found["ReadLimitsAndAliases"]["Resource"] == expected
    assert {"OpenOtherAccounts", "WriteTheLake"}.isdisjoint(found)


def test_the_home_policy_says_how_to_get_that_of_each_role(enter: Enter, capsys: Printed) -> None:
    enter({**HOME, "LAMBDASCOPE_ROLE_ARNS": f"{ROLE}?external_id=hush"})
    assert main(["iam-policy"]) == 0
    printed = capsys.readouterr()
    assert f"lambdascope iam-policy --role {ROLE}\n" in printed.err
    assert statements(printed.out)["OpenOtherAccounts"]["Resource"] == ROLE
    assert "hush" not in printed.out + printed.err


def test_a_lake_written_by_others_credentials_is_told_of(enter: Enter, capsys: Printed) -> None:
    lake = {"LAMBDASCOPE_HISTORY_S3": "s3://my-lake"}
    enter({**HOME, **lake, "LAMBDASCOPE_HISTORY_S3_PROFILE": "writer"})
    assert main(["iam-policy"]) == 0
    assert "written by profile writer" in capsys.readouterr().err
    enter({**HOME, **lake, "LAMBDASCOPE_HISTORY_S3_ENDPOINT": "https://s3.example.com"})
    assert main(["iam-policy"]) == 0
    assert "https://s3.example.com" in capsys.readouterr().err


def test_a_host_that_only_writes_the_lake_needs_only_that(enter: Enter, capsys: Printed) -> None:
    enter({**NO_FILES, "AWS_REGION": "eu-central-1", "LAMBDASCOPE_HISTORY_S3": "s3://my-lake"})
    assert main(["iam-policy", "--account", "123456789012"]) == 0
    printed = capsys.readouterr()
    assert set(statements(printed.out)) == {"WriteTheLake"}
    assert "No function is allowed" in printed.err


def test_a_policy_too_long_for_iam_is_told_of(enter: Enter, capsys: Printed) -> None:
    enter({**HOME, "FUNCTION_LIST": ",".join(f"order-service-{number}" for number in range(40))})
    assert main(["iam-policy", "--account", "123456789012"]) == 0
    assert "6144" in capsys.readouterr().err


def test_each_statement_is_explained_in_a_row(enter: Enter, capsys: Printed) -> None:
    enter(HOME)
    assert main(["iam-policy", "--explain"]) == 0
    explained = capsys.readouterr().out
    assert main(["iam-policy"]) == 0
    for sid, statement in statements(capsys.readouterr().out).items():
        actions = statement["Action"]
        first = actions if isinstance(actions, str) else actions[0]
        assert re.search(rf"^ {sid} +{first} ", explained, re.MULTILINE), sid


@pytest.mark.parametrize(
    ("settings", "arguments", "code", "words"),
    [
        ({}, [], 1, "FUNCTION_PREFIX"),
        (HOME, ["--account", "12"], 2, "twelve digits"),
        (HOME, ["--role", ROLE], 2, "LAMBDASCOPE_ROLE_ARNS, which has none"),
        (HOME, ["--log-group", "all*"], 2, "--log-group all*"),
        ({**HOME, "FUNCTION_PREFIX": "*"}, [], 2, "FUNCTION_PREFIX='*'"),
        ({**HOME, "AWS_REGION": "mars"}, [], 2, "AWS_REGION=mars"),
    ],
)
def test_what_cannot_be_is_one_line_on_stderr(
    enter: Enter, capsys: Printed, settings: dict[str, str], arguments: list[str], code: int, words: str
) -> None:
    # A prefix with an asterisk would be a policy for other functions than those that are allowed.
    enter({**NO_FILES, **settings})
    assert main(["iam-policy", *arguments]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1

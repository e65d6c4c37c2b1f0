"""`lambdascope functions`: what agents may call."""

import json
from collections.abc import Callable, Mapping

import pytest

from lambdascope_proxy.cli import main
from lambdascope_proxy.local import LocalAws

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


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "FUNCTION_PREFIX"),
        ({"FUNCTION_PREFIX": "demo-", "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9"}, "could not be reached"),
        ({"FUNCTION_PREFIX": "demo-", "AWS_PROFILE": "nobody"}, "nobody"),
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

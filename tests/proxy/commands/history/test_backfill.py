"""`lambdascope history backfill`, as it is typed; what it imports is tested in tests/interaction."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lambdascope_proxy.local import LocalAws
from lambdascope_proxy.local.demo import demo_functions

History = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("last", ["soon", "-3h", "0h", "7", "900w"])
def test_a_span_of_time_that_is_none_is_bad_usage(
    history: History, directory: Path, last: str, capsys: Capture
) -> None:
    assert history("backfill", "orders", f"--last={last}") == 2
    assert "--last" in capsys.readouterr().err


def test_without_a_function_it_is_bad_usage(history: History) -> None:
    assert history("backfill") == 2


def test_a_function_that_may_not_be_seen_is_one_line_and_exit_code_1(history: History, capsys: Capture) -> None:
    assert history("backfill", "payroll") == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "FUNCTION_PREFIX" in printed.err


def test_a_function_that_never_ran_has_no_log_group_and_that_is_said(
    history: History, directory: Path, enter: Callable[[Mapping[str, str]], None], capsys: Capture
) -> None:
    with LocalAws(demo_functions()) as aws:
        own = {"FUNCTION_PREFIX": "demo-", "LAMBDASCOPE_HISTORY_DIR": str(directory)}
        enter({**aws.environment(), **own})
        assert history("backfill", "demo-sync-stock", "--last", "1h") == 1
    assert "does not exist" in capsys.readouterr().err

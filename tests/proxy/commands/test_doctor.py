"""`lambdascope doctor`: its table, its JSON and its exit code."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lambdascope_proxy.cli import main
from lambdascope_proxy.local import LocalAws

Enter = Callable[[Mapping[str, str]], None]


def test_a_healthy_set_up_exits_with_0(
    enter: Enter, shop: LocalAws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter({**shop.environment(), "FUNCTION_PREFIX": "demo-", "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)})
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    for word in ("credentials", "permission lambda:InvokeFunction", str(tmp_path), "OK"):
        assert word in printed
    assert "FAIL" not in printed


def test_what_would_make_calls_fail_exits_with_1_and_says_what_to_do(
    enter: Enter, shop: LocalAws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter({**shop.environment(), "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)})
    assert main(["doctor", "--json"]) == 1
    found = {finding["subject"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["functions"]["status"] == "fail"
    assert "FUNCTION_PREFIX" in found["functions"]["next_step"]


def test_what_only_makes_calls_poorer_exits_with_0(
    enter: Enter, shop: LocalAws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file in the way")
    enter({**shop.environment(), "FUNCTION_PREFIX": "demo-", "LAMBDASCOPE_HISTORY_DIR": str(tmp_path / "taken")})
    assert main(["doctor"]) == 0
    assert "WARN" in capsys.readouterr().out


def test_where_only_upstreams_are_served_no_aws_account_is_missed(
    enter: Enter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Path(__file__).parents[2] / "interaction" / "stage" / "upstream_server.py"
    config = tmp_path / "l.toml"
    command = json.dumps([sys.executable, str(server), "stdio", "both"])
    config.write_text(f'[upstreams.shop]\ncommand = {command}\ndeny = ["broken"]\n')
    enter({"LAMBDASCOPE_HISTORY_DIR": str(tmp_path / "history"), "AWS_CONFIG_FILE": os.devnull})
    assert main(["doctor", "--config", str(config), "--json"]) == 0
    found = {finding["subject"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["functions"]["detail"] == "none allowed: only upstreams are served"
    assert found["upstream shop"]["status"] == "ok"
    assert "credentials" not in found

"""A past for the commands that look at one: calls that ended in every way, through us and beside us."""

import contextlib
import io
import json
import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdascope_proxy.cli import main
from lambdascope_proxy.local import LocalAws
from lambdascope_proxy.local.demo import demo_functions

CALLS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "charged": ("demo-charge-card", {"order_id": 1001}),
    "declined": ("demo-charge-card", {"order_id": 1005}),
    "exported": ("demo-export-catalog", {"products": 100_000}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The account, the settings that lead to it, what each call answered, and a request that was none of ours."""

    aws: LocalAws
    settings: Mapping[str, str]
    calls: Mapping[str, Mapping[str, Any]]
    request_beside: str
    directory: Path


@pytest.fixture(scope="package")
def made_past(tmp_path_factory: pytest.TempPathFactory) -> Generator[Past]:
    """Made once, and only looked at: two calls of charge-card and an export that runs out of memory, two beside us."""
    directory = tmp_path_factory.mktemp("past")
    with LocalAws(demo_functions()) as aws, pytest.MonkeyPatch.context() as patched:
        for name in os.environ:
            if name.startswith(("AWS_", "OTEL_", "FUNCTION_", "LAMBDASCOPE_")):
                patched.delenv(name)
        settings = {**aws.environment(), "FUNCTION_PREFIX": "demo-", "LAMBDASCOPE_HISTORY_DIR": str(directory)}
        for name, value in settings.items():
            patched.setenv(name, value)
        calls = {name: _invoke(function, payload) for name, (function, payload) in CALLS.items()}
        session: Any = boto3.Session()
        direct = session.client("lambda")
        direct.invoke(FunctionName="demo-charge-card", Payload=b'{"order_id": 1001}')
        answer = direct.invoke(FunctionName="demo-order-status", Payload=b'{"order_id": 1001}')
        patched.undo()
        beside = answer["ResponseMetadata"]["RequestId"]
        yield Past(aws=aws, settings=settings, calls=calls, request_beside=beside, directory=directory)


@pytest.fixture
def past(made_past: Past, enter: Any) -> Past:
    """That past, with the environment that leads to it."""
    enter(made_past.settings)
    return made_past


def _invoke(function: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(io.StringIO()):
        main(["invoke", function, "--payload", json.dumps(payload), "--json"])
    return json.loads(printed.getvalue())

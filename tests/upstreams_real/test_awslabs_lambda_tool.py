"""AWS's own Lambda tool server answers the same behind lambdascope, and each of its calls is traced and recorded."""

import json
import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import anyio
import pytest
from real.asking import LAMBDASCOPE, Server
from real.comparing import differences, tools_said, uncalled
from real.installing import ROOT, python_package
from stage.spans import SpanSink, attributes_of
from stage.waiting import eventually

from lambdascope_analytics.history import open_history
from lambdascope_proxy.local import LocalAws, LocalFunction

CALLS = {
    "scalar": [{"parameters": {"value": {"a": [1, "zwei", None]}}}, {"parameters": {"count": "four"}}, {}],
    "fails": [{"parameters": {"number": 1}}],
}
NAME = "awslabs.lambda-tool-mcp-server"


@pytest.fixture(scope="module")
def aws() -> Generator[LocalAws]:
    codes = {
        "shop-scalar": ROOT / "tests/interaction/functions/scalar",
        "shop-fails": ROOT / "conformance/functions/test_error_handling",
    }
    with LocalAws([LocalFunction(name=name, code=code) for name, code in codes.items()], []) as running:
        yield running


@pytest.fixture
def server(aws: LocalAws, environment: dict[str, str], tmp_path: Path) -> Server:
    credentials = tmp_path / "credentials"
    # It asks for this profile by name, whatever else there is.
    credentials.write_text("[default]\naws_access_key_id = local\naws_secret_access_key = local\n")
    lead = {**aws.environment(), "AWS_SHARED_CREDENTIALS_FILE": str(credentials), "FUNCTION_PREFIX": "shop-"}
    command = (str(python_package(f"{NAME}==2.1.1") / NAME),)
    return Server(command=command, environment={**environment, **lead})


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_it_answers_the_same(mode: str, server: Server, recording: dict[str, str]) -> None:
    direct = anyio.run(tools_said, server, CALLS, mode)
    proxied = anyio.run(tools_said, server.behind_lambdascope(**recording), CALLS, mode)
    assert not uncalled(direct, CALLS)
    assert "zwei" in json.dumps(direct["call scalar 0"])
    assert differences(direct, proxied) == []


def test_each_call_has_a_row_and_two_spans(server: Server, recording: dict[str, str], spans: SpanSink) -> None:
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": spans.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50"}
    proxied = server.behind_lambdascope("--cost", "0.002", **recording, **traced)
    anyio.run(tools_said, proxied, CALLS, "auto")
    rows = rows_of(Path(recording["LAMBDASCOPE_HISTORY_DIR"]))
    assert [row["tool_name"] for row in rows] == ["scalar"] * 3 + ["fails"]
    assert {row["target"] for row in rows} == {"upstream:awslabs-lambda-tool-mcp-server"}
    assert {(str(row["cost_usd"]), row["cost_source"]) for row in rows} == {("0.002000000000", "configured")}
    assert all(row["invoke_ms"] > 0 for row in rows)
    for row in rows:
        server_span, client_span = anyio.run(both_spans, spans, row["trace_id"])
        assert client_span.parent_span_id == server_span.span_id
        assert attributes_of(client_span)["gen_ai.tool.name"] == row["tool_name"]


ONLY_LAMBDA = pytest.mark.xfail(strict=True, reason="it asks for calls of Lambda functions only")


@pytest.mark.parametrize("report", ["cost", pytest.param("latency", marks=ONLY_LAMBDA), "errors"])
def test_its_calls_are_in_the_reports(report: str, server: Server, recording: dict[str, str]) -> None:
    anyio.run(tools_said, server.behind_lambdascope("--cost", "0.002", **recording), CALLS, "auto")
    assert "scalar" in reported(report, recording)


async def both_spans(spans: SpanSink, trace_id: str) -> tuple[Any, Any]:
    """The SERVER and the CLIENT span of a call, once both have arrived."""
    found = await eventually(lambda: {span.kind: span for span in spans.of_trace(trace_id) if span.kind in (2, 3)})
    await eventually(lambda: len(spans.of_trace(trace_id)) > 1)
    found = {span.kind: span for span in spans.of_trace(trace_id)}
    return found[2], found[3]


def rows_of(history_directory: Path) -> list[dict[str, Any]]:
    with open_history(history_directory) as history:
        return history.query("SELECT * FROM calls ORDER BY started_at, call_id", {})


def reported(command: str, recording: dict[str, str]) -> str:
    """What a report of the command line says of the history."""
    kept = {"PATH": os.environ["PATH"], **recording, "COLUMNS": "200"}
    words = [*LAMBDASCOPE, command, "--by", "tool"]
    done = subprocess.run(words, env=kept, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout

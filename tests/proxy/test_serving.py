"""The server as a process: it says what it can do, reads what it is told and ends as it should."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from lambdascope_proxy.local import LocalAws


def serve(environ: Mapping[str, str], *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "lambdascope_proxy.cli", "serve", *arguments],
        env=dict(environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def got(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urlopen(url, timeout=20) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_over_http_it_announces_itself_tells_why_it_is_not_ready_and_ends_on_a_signal(
    shop: LocalAws, tmp_path: Path
) -> None:
    environ = {**shop.environment(), "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)}
    with serve(environ, "--http", "--port", "0") as process:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        base = line.rsplit(" ", 1)[1].strip().removesuffix("/mcp")
        assert line == f"lambdascope: serving MCP at {base}/mcp\n"
        assert got(f"{base}/health") == (200, {"status": "ok"})
        status, details = got(f"{base}/ready")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (status, details["ready"], details["history_dropped"]) == (503, False, 0)
    assert details["reason"] == "NothingAllowed"  # anybody may ask: no setting, name or account is told
    assert (process.returncode, out, err) == (0, b"", b"")


def test_prices_are_read_before_the_first_call_needs_them(shop: LocalAws, tmp_path: Path) -> None:
    """Seen by what is said of a refreshed table that is damaged; the server serves all the same."""
    rates = tmp_path / "lambdascope" / "rates"
    rates.mkdir(parents=True)
    (rates / "2999-12-31.json").write_text("{", encoding="utf-8")
    environ = {**shop.environment(), "LAMBDASCOPE_HISTORY_DIR": str(tmp_path / "h"), "XDG_DATA_HOME": str(tmp_path)}
    with serve(environ, "--http", "--port", "0") as process:
        assert process.stderr is not None
        given_up = threading.Timer(20, process.kill)
        given_up.start()
        assert process.stderr.readline()
        assert str(rates / "2999-12-31.json") in process.stderr.readline().decode()
        given_up.cancel()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_signal_sent_as_soon_as_it_is_announced_ends_it_as_any_other(shop: LocalAws, tmp_path: Path) -> None:
    environ = {**shop.environment(), "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)}
    with serve(environ, "--http", "--port", "0") as process:
        assert process.stderr is not None
        assert process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_over_stdio_it_answers_every_line_it_can_read_and_ends_with_its_client(shop: LocalAws, tmp_path: Path) -> None:
    environ = {**shop.environment(), "FUNCTION_PREFIX": "demo-", "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)}
    client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": client},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "ping"},
        {"id": 3, "method": "tools/call", "params": {"name": "list_functions", "arguments": {}}},
    ]
    lines = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
    with serve(environ) as process:
        out, err = process.communicate(b"\n".join([*lines[:2], b"this is not JSON", *lines[2:], b""]), timeout=60)
    answers = [json.loads(line) for line in out.splitlines()]
    by_id = {answer["id"]: answer for answer in answers}
    assert (process.returncode, err) == (0, b"")
    assert by_id[1]["result"]["serverInfo"]["name"] == "lambdascope"
    assert by_id[2]["result"] == {}
    assert len(by_id[3]["result"]["structuredContent"]["functions"]) == 8
    assert by_id[None]["error"]["code"] == -32700


def test_a_client_that_reads_no_answers_ends_it_without_a_traceback(shop: LocalAws, tmp_path: Path) -> None:
    environ = {**shop.environment(), "FUNCTION_PREFIX": "demo-", "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)}
    client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}
    with serve(environ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(json.dumps(hello).encode() + b"\n")
        process.stdin.flush()
        said = process.stderr.read()
        assert process.wait(timeout=20) == 0
    assert b"Traceback" not in said


def test_in_front_of_other_servers_alone_it_is_ready_once_one_of_them_is_there(tmp_path: Path) -> None:
    # An orchestrator would else never send it a client: no function is allowed, and none is missed.
    server = Path(__file__).parents[1] / "interaction" / "stage" / "upstream_server.py"
    config = tmp_path / "l.toml"
    gone = '[upstreams.gone]\ncommand = ["no-such-program"]\n'
    config.write_text(
        f"{gone}[upstreams.shop]\ncommand = {json.dumps([sys.executable, str(server), 'stdio', 'both'])}\n"
    )
    environ = {"PATH": os.environ["PATH"], "LAMBDASCOPE_HISTORY_DIR": str(tmp_path / "h"), "LOG_LEVEL": "ERROR"}
    with serve({**environ, "LAMBDASCOPE_CONFIG": str(config)}, "--http", "--port", "0") as process:
        assert process.stderr is not None
        base = process.stderr.readline().decode().rsplit(" ", 1)[1].strip().removesuffix("/mcp")
        answers = [got(f"{base}/ready")]
        deadline = time.monotonic() + 30
        while answers[-1][0] != 200 and time.monotonic() < deadline:
            answers.append(got(f"{base}/ready"))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert answers[-1] == (200, {"ready": True, "history_dropped": 0, "upstreams": 1})
    assert {details["reason"] for status, details in answers if status == 503} <= {"UpstreamsNotReached"}

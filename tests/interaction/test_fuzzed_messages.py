"""Messages that are nearly right, over both transports and of both eras, to a proxy with another server behind it.

Each gets an answer of the protocol or none, no answer tells anything of this machine, and the next call works.
`make fuzz` draws many more of them than a usual run.
"""

import http.client
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stage import upstream_server
from stage.fuzzing import META, MODERN, bodies, expected
from stage.proxies import COMMAND, HttpProxy
from stage.wire import Wire

SECRET = "sk-fuzz-4f1e9c77"
UPSTREAM = (sys.executable, str(Path(upstream_server.__file__)), "stdio", "both")
WRAP = ("wrap", "--env", "UPSTREAM_KEY=${FUZZ_SECRET}")
LEGACY = "2025-11-25"
EXAMPLES = int(os.environ.get("LAMBDASCOPE_FUZZ_EXAMPLES", "40"))
# The same ones in each usual run, which must not fail by chance.
fuzzed = settings(max_examples=EXAMPLES, derandomize="LAMBDASCOPE_FUZZ_EXAMPLES" not in os.environ)
PRIVATE = (SECRET, "Traceback", 'File "', str(Path(__file__).parents[2]), str(Path(sys.prefix)), "site-packages")
ANSWERS_S = 30
numbers = itertools.count(1_000_000)


@pytest.fixture(scope="module")
def environment(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    history = str(tmp_path_factory.mktemp("fuzzed") / "history")
    # Not `error`: a stream that the SDK leaves open at the end would be told with a traceback.
    return {**settings, "LAMBDASCOPE_HISTORY_DIR": history, "FUZZ_SECRET": SECRET, "PYTHONWARNINGS": "default"}


def request(method: str, params: Mapping[str, Any], era: str, request_id: Any) -> bytes:
    sent = {**params, "_meta": META} if era == MODERN else params
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": sent}).encode()


def assert_nothing_private(answer: str) -> None:
    assert [word for word in PRIVATE if word in answer] == []


def assert_log_is_fine(log: str) -> None:
    assert "Traceback" not in log, log
    assert SECRET not in log


def assert_is_answer(message: dict[str, Any]) -> None:
    """An answer of JSON-RPC: a result or an error, never both, and an error with a code and words."""
    assert message["jsonrpc"] == "2.0"
    assert ("result" in message) is not ("error" in message)
    if "error" in message:
        assert isinstance(message["error"]["code"], int)
        assert isinstance(message["error"]["message"], str)


@pytest.fixture(scope="module", params=[LEGACY, MODERN])
def spoken(request: pytest.FixtureRequest, environment: dict[str, str]) -> Generator[tuple[str, Wire]]:
    """A proxy over stdio that has settled on an era."""
    with Wire(environment, *WRAP, "--", *UPSTREAM) as wire:
        if request.param == LEGACY:
            wire.shake_hands()
        else:
            call_works(wire, MODERN)
        yield request.param, wire
        wire.end_input()
        assert wire.await_end() == 0
        assert_log_is_fine(b"".join(wire.log).decode())


def call_works(wire: Wire, era: str) -> list[dict[str, Any]]:
    """A good call is answered; gives what arrived before."""
    number, before = next(numbers), list[dict[str, Any]]()
    wire.send_bytes(request("tools/call", {"name": "echo", "arguments": {"say": f"<{number}>"}}, era, number) + b"\n")
    while True:
        message = wire.next_message()
        if message.get("id") == number and "method" not in message:
            assert message["result"]["content"][0]["text"] == f"<{number}>"
            return before
        before.append(message)


@fuzzed
@given(data=st.data())
def test_over_stdio_each_line_is_answered_as_the_protocol_says_and_the_next_call_works(
    data: st.DataObject, spoken: tuple[str, Wire]
) -> None:
    era, wire = spoken
    line = data.draw(bodies(era)).replace(b"\n", b" ").replace(b"\r", b" ")
    already = len(wire.lines)
    wire.send_bytes(line + b"\n")
    wanted = expected(line)
    heard = call_works(wire, era)
    answers = [message for message in heard if "method" not in message]
    if wanted.is_certain and wanted.request_id not in [message.get("id") for message in answers]:
        answers.append(wire.answer_to(wanted.request_id))  # a slower one than the call that came after it
    for message in answers:
        assert_is_answer(message)
    # Others may be late answers to earlier lines of which it is not certain that they are answered.
    assert not wanted.is_certain or [message.get("id") for message in answers].count(wanted.request_id) == 1
    assert_nothing_private(b"".join(wire.lines[already:]).decode())


@pytest.fixture(scope="module")
def served(environment: dict[str, str]) -> Generator[HttpProxy]:
    """A proxy over HTTP."""
    words = [*COMMAND, *WRAP, "--http", "--port", "0", "--", *UPSTREAM]
    process = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    proxy = HttpProxy(process)
    proxy.await_start()
    yield proxy
    proxy.stop()
    assert_log_is_fine("".join(proxy.log))


def post(proxy: HttpProxy, body: bytes, headers: Mapping[str, str], method: str = "POST") -> tuple[int, str]:
    """Status and body of one request on a connection of its own."""
    where = urlsplit(proxy.url)
    assert where.hostname is not None
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=ANSWERS_S)
    try:
        connection.request(method, where.path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
names = st.sampled_from(["tools/call", "tools/list", "ping", "echo", "", "x" * 3000, "%00", "initialize"])
headers = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(["application/json", "text/plain", "application/json; charset=utf-16", ""]),
        "Accept": st.sampled_from(["application/json, text/event-stream", "*/*", "text/html", "", "application/json"]),
        "MCP-Protocol-Version": st.sampled_from([MODERN, LEGACY, "2024-11-05", "1999-01-01", "", "x" * 500]),
        "Mcp-Session-Id": st.sampled_from(["", "0" * 32, "../..", "x" * 3000]),
        "Mcp-Method": names,
        "Mcp-Name": names,
        "Origin": st.sampled_from(["http://evil.example", "null", "http://127.0.0.1"]),
        "Authorization": st.sampled_from(["Bearer x", "Basic eDp5", "Bearer " + "y" * 4000]),
    },
)


@fuzzed
@given(body=bodies(MODERN) | bodies(LEGACY), given=headers, method=st.sampled_from(["POST"] * 6 + ["DELETE", "PUT"]))
def test_over_http_each_request_is_answered_and_the_next_call_works(
    body: bytes, given: dict[str, str], method: str, served: HttpProxy
) -> None:
    status, answer = post(served, body, {**HEADERS, "MCP-Protocol-Version": MODERN, **given}, method)
    assert status in range(200, 500)
    assert_nothing_private(answer)
    call = request("tools/call", {"name": "echo", "arguments": {"say": "still here"}}, MODERN, 1)
    routing = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "echo"}
    status, answer = post(served, call, {**HEADERS, **routing})
    assert (status, json.loads(answer)["result"]["content"][0]["text"]) == (200, "still here")

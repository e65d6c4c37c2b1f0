"""Who may come in over HTTP and what each may call: real clients of both eras, a real authorization server."""

import json
import re
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from stage.answers import ask, invoke
from stage.proxies import CLIENT, HttpProxy, Stage
from stage.spans import SpanSink
from stage.waiting import eventually

sys.path.insert(0, str(Path(__file__).parents[1] / "authorization"))

from issuing.issuer import AUDIENCE, Issuer, serving_issuer

pytestmark = pytest.mark.anyio
ERAS = ("legacy", "2026-07-28")
ACCESS = """
[principals.ada]
tools = ["list_functions", "invoke_function", "read_result"]
functions = ["odd-echo", "odd-big"]

[principals."key:ci"]
tools = ["invoke_function", "read_result"]

[scopes."history:read"]
tools = ["query_history"]
"""
JSON = {"Accept": "application/json, text/event-stream"}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A proxy behind its door, the server that issues tokens for it, and a key."""

    issuer: Issuer
    stage: Stage
    proxy: HttpProxy
    keys_file: Path
    key: str

    @asynccontextmanager
    async def client(self, token: str, mode: str = "2026-07-28") -> AsyncGenerator[Client]:
        """An MCP client that shows this token."""
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
            transport = streamable_http_client(self.proxy.url, http_client=http)
            async with Client(transport, mode=mode, cache=None, client_info=CLIENT) as client:
                yield client

    def new_key(self, name: str) -> str:
        """Makes a key with the command that operators use."""
        made = self.stage.run("keys", "new", name, "--append", str(self.keys_file))
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()


@pytest.fixture(scope="module")
def house(settings: dict[str, str], spans: SpanSink, tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    home = tmp_path_factory.mktemp("access")
    keys_file, access_file, history = home / "keys", home / "access.toml", home / "history"
    access_file.write_text(ACCESS)
    with serving_issuer() as issuer:
        environment = {
            **settings,
            "LAMBDASCOPE_OAUTH_ISSUER": issuer.url,
            "LAMBDASCOPE_OAUTH_AUDIENCE": AUDIENCE,
            "LAMBDASCOPE_OAUTH_SCOPES": "tools",
            "LAMBDASCOPE_API_KEYS_FILE": str(keys_file),
            "LAMBDASCOPE_ACCESS_FILE": str(access_file),
            "LAMBDASCOPE_HISTORY_DIR": str(history),
            "LAMBDASCOPE_RECORD_PAYLOADS": "full",
            "LAMBDASCOPE_MAX_RESULT_BYTES": "1024",
            "LOG_LEVEL": "DEBUG",
            "OTEL_EXPORTER_OTLP_ENDPOINT": spans.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }
        stage = Stage(environment=environment, history_directory=history)
        made = stage.run("keys", "new", "ci", "--append", str(keys_file))
        house = House(
            issuer=issuer, stage=stage, proxy=stage.serve_http(), keys_file=keys_file, key=made.stdout.strip()
        )
        yield house
        stage.close()


@pytest.mark.parametrize("era", ERAS)
async def test_each_caller_sees_and_calls_what_its_rules_grant_and_is_named_in_every_row(
    house: House, era: str
) -> None:
    async with house.client(house.issuer.token(), era) as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
        called = await invoke(client, "odd-echo", {"era": era})
        refused = await invoke(client, "odd-scalar")
        hidden = await ask(client, "query_history", sql="SELECT 1")
    assert sorted(listed) == ["invoke_function", "list_functions", "read_result"]
    assert called["outcome"] == "ok"
    assert (refused["outcome"], refused["error_type"], refused["is_error"]) == ("access_denied", "NotAllowed", True)
    assert "ada may not use tool invoke_function for function odd-scalar" in refused["texts"][0]
    assert hidden["error_type"] == "NotAllowed"
    rows = [await house.stage.row(each["call_id"]) for each in (called, refused, hidden)]
    assert [(row["principal"], row["outcome"]) for row in rows] == [
        ("ada", "ok"),
        ("ada", "access_denied"),
        ("ada", "access_denied"),
    ]
    # A refused call was never sent, so AWS knows nothing of it.
    assert [bool(row["request_id"]) for row in rows] == [True, False, False]


@pytest.mark.parametrize("era", ERAS)
async def test_a_scope_of_the_token_grants_what_the_name_does_not(house: House, era: str) -> None:
    token = house.issuer.token(sub="bob", scope="tools history:read")
    async with house.client(token, era) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["query_history"]
        assert not (await ask(client, "query_history", sql="SELECT 1 AS one"))["is_error"]


@pytest.mark.parametrize("era", ERAS)
async def test_a_key_is_a_caller_of_its_own(house: House, era: str) -> None:
    async with house.client(house.key, era) as client:
        called = await invoke(client, "odd-scalar")
    assert (await house.stage.row(called["call_id"]))["principal"] == "key:ci"


@pytest.mark.parametrize("era", ERAS)
async def test_a_key_that_is_taken_back_ends_what_its_holder_does(house: House, era: str) -> None:
    before = house.keys_file.read_text()
    key = house.new_key("ci")
    async with house.client(key, era) as client:
        assert (await invoke(client, "odd-echo"))["outcome"] == "ok"
        house.keys_file.write_text(before)
        with pytest.raises(MCPError, match="error response"):
            await invoke(client, "odd-echo")
    async with httpx2.AsyncClient(headers={**JSON, "Authorization": f"Bearer {key}"}) as http:
        answer = await http.post(house.proxy.url, json={})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


async def test_a_session_is_its_opener_s_alone(house: House) -> None:
    # Revisions with sessions: an id that leaked must not let another caller act in it, not even one who may come in.
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "0"}}
    initialize = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    async with httpx2.AsyncClient(timeout=30, headers=JSON) as http:

        async def post(token: str, message: Any, **headers: str) -> httpx2.Response:
            return await http.post(
                house.proxy.url, json=message, headers={"Authorization": f"Bearer {token}", **headers}
            )

        ada = house.issuer.token()
        opened = await post(ada, initialize)
        session = {"mcp-session-id": opened.headers["mcp-session-id"], "mcp-protocol-version": "2025-11-25"}
        assert (await post(ada, listing, **session)).status_code == 200
        # A token of the same holder that was renewed goes on; its scopes count from then on.
        renewed = await post(house.issuer.token(scope="tools history:read"), listing, **session)
        assert "query_history" in renewed.text
        assert (await post(house.issuer.token(sub="eve"), listing, **session)).status_code == 404
        assert (await post(house.key, listing, **session)).status_code == 404


async def test_a_session_id_that_nobody_gave_out_is_not_believed(house: House) -> None:
    # The newest revision has no sessions: the header would say whatever the caller likes, in the history for ever.
    forged = {"Authorization": f"Bearer {house.issuer.token()}", "Mcp-Session-Id": "another-caller-s"}
    async with httpx2.AsyncClient(headers=forged, timeout=30) as http:
        transport = streamable_http_client(house.proxy.url, http_client=http)
        async with Client(transport, mode="2026-07-28", cache=None, client_info=CLIENT) as client:
            called = await invoke(client, "odd-echo")
    assert (await house.stage.row(called["call_id"]))["session_id"] is None


async def test_a_long_result_is_for_its_caller_only(house: House) -> None:
    async with house.client(house.issuer.token()) as ada, house.client(house.key) as other:
        long = await invoke(ada, "odd-big", {"times": 500})
        assert not (await ask(ada, "read_result", call_id=long["call_id"]))["is_error"]
        assert (await ask(other, "read_result", call_id=long["call_id"]))["error_type"] == "ResultNotKept"


async def test_the_audit_says_who_called_what_and_under_which_request_id_aws_knows_it(house: House) -> None:
    async with house.client(house.issuer.token()) as client:
        called = await invoke(client, "odd-echo")
    row = await house.stage.row(called["call_id"])
    audit = house.stage.run("history", "audit", "--principal", "ada", "--outcome", "ok", "--json")
    told = {call["call_id"]: call for call in json.loads(audit.stdout)}[called["call_id"]]
    assert (told["principal"], told["function_name"]) == ("ada", "odd-echo")
    assert (told["request_id"], told["trace_id"]) == (row["request_id"], row["trace_id"])


async def test_nothing_that_was_shown_at_the_door_is_found_anywhere(house: House, spans: SpanSink) -> None:
    good, bad = house.issuer.token(jti="planted"), house.issuer.token(aud="https://other.example.com")
    shown = [good, bad, house.issuer.token(alg="x", exp=1), house.key, "lsk_" + "w" * 43, "opaque-planted-token"]
    answers: list[str] = []
    async with httpx2.AsyncClient(timeout=30, headers=JSON) as http:
        for token in shown:
            ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            answer = await http.post(house.proxy.url, json=ping, headers={"Authorization": f"Bearer {token}"})
            answers.append(f"{answer.headers}{answer.text}")
    async with house.client(good) as client, house.client(house.key) as other:
        called = [await invoke(client, "odd-echo"), await invoke(client, "odd-scalar"), await invoke(other, "odd-echo")]
    rows = [await house.stage.row(each["call_id"]) for each in called]
    exported = [await eventually(lambda row=row: spans.of_trace(row["trace_id"])) for row in rows]
    log = "".join(house.proxy.log)
    assert "nobody is let in" in log, "the log was written at all"
    files = [path.read_bytes() for path in house.stage.history_directory.rglob("*") if path.is_file()]
    assert any(b"odd-echo" in content for content in files), "the history was written at all"
    for token in shown:
        # Each part of a token too: a signature alone would do for who has the rest.
        for part in [token, *(part for part in token.split(".") if len(part) > 40 and not part.startswith("eyJ"))]:
            assert part not in log
            assert part not in str(exported)
            assert part not in str(called)
            assert not any(part in answer for answer in answers)
            assert not any(part.encode() in content for content in files)
    assert not re.search(r"eyJ[\w-]{10,}\.", log)

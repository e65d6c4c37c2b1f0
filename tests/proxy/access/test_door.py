"""What comes through the door of Streamable HTTP, and what those are told who do not."""

import re
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from issuing.issuer import AUDIENCE, Issuer

from lambdascope_proxy.access.api_keys import line_of, new_key
from lambdascope_proxy.access.door import Challenge, Door
from lambdascope_proxy.pipeline import build_pipeline
from lambdascope_proxy.server import McpFront
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.telemetry.id_tracer import IdTracer
from lambdascope_proxy.toolbox import Toolbox
from lambdascope_proxy.transports import http_app

pytestmark = pytest.mark.anyio
METADATA = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp"
KEY = new_key()
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}},
}


@asynccontextmanager
async def client_of(settings: Mapping[str, str]) -> AsyncGenerator[httpx2.AsyncClient]:
    absent: Any = None
    toolbox = Toolbox([], exposes_functions=False, catalog=absent, schemas=absent, invoke=absent)
    front = McpFront(toolbox, build_pipeline([]), IdTracer(), "http", scrub=str)

    async def nothing() -> None:
        """A background that has nothing to do."""

    app = http_app(front, nothing, load_settings(settings), lambda: (False, {"reason": "because", "functions": 3}))
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000") as client,
    ):
        yield client


async def post(client: httpx2.AsyncClient, authorization: str | None = None, **headers: str) -> httpx2.Response:
    shown = {"Authorization": authorization} if authorization else {}
    accepted = {"Accept": "application/json, text/event-stream"}
    return await client.post("/mcp", json=INITIALIZE, headers={**accepted, **shown, **headers})


def told(answer: httpx2.Response) -> dict[str, str]:
    header = answer.headers["www-authenticate"]
    assert header.startswith("Bearer ")
    return dict(re.findall(r'(\w+)="([^"]*)"', header))


@pytest.fixture
def oauth(issuer: Issuer) -> dict[str, str]:
    return {
        "LAMBDASCOPE_OAUTH_ISSUER": issuer.url,
        "LAMBDASCOPE_OAUTH_AUDIENCE": AUDIENCE,
        "LAMBDASCOPE_OAUTH_SCOPES": "tools",
    }


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "keys"
    file.write_text(line_of("ops", KEY) + "\n")
    return {"LAMBDASCOPE_API_KEYS_FILE": str(file)}


async def test_whoever_shows_nothing_is_told_where_to_sign_in_and_of_no_error(oauth: dict[str, str]) -> None:
    async with client_of(oauth) as client:
        for nothing in (None, "Basic YTpi", "Bearer"):
            answer = await post(client, nothing)
            assert answer.status_code == 401
            assert told(answer) == {"realm": "lambdascope", "scope": "tools", "resource_metadata": METADATA}
            assert answer.json()["error"] == "unauthorized"


async def test_a_good_token_and_a_good_key_both_come_in(
    issuer: Issuer, oauth: dict[str, str], keys: dict[str, str]
) -> None:
    async with client_of({**oauth, **keys}) as client:
        assert (await post(client, f"Bearer {issuer.token()}")).status_code == 200
        assert (await post(client, f"bearer {KEY}")).status_code == 200
        # One way in, so that one header has to be kept out of logs along the way.
        assert (await post(client, **{"X-API-Key": KEY})).status_code == 401


async def test_a_token_that_expired_seconds_ago_still_comes_in_as_clocks_differ(
    issuer: Issuer, oauth: dict[str, str]
) -> None:
    async with client_of(oauth) as client:
        assert (await post(client, f"Bearer {issuer.token(exp=int(time.time()) - 10)}")).status_code == 200
        late = await post(client, f"Bearer {issuer.token(exp=int(time.time()) - 31)}")
    assert (late.status_code, told(late)["error_description"]) == (401, "the access token has expired")


async def test_a_bad_token_is_told_by_its_fault(issuer: Issuer, oauth: dict[str, str]) -> None:
    async with client_of(oauth) as client:
        answer = await post(client, f"Bearer {issuer.token(aud='https://other.example.com')}")
    assert answer.status_code == 401
    assert told(answer) == {
        "realm": "lambdascope",
        "error": "invalid_token",
        "error_description": "the access token is for another resource",
        "scope": "tools",
        "resource_metadata": METADATA,
    }


async def test_a_token_without_a_scope_that_all_need_is_told_which(issuer: Issuer, oauth: dict[str, str]) -> None:
    async with client_of(oauth) as client:
        answer = await post(client, f"Bearer {issuer.token(scope='extra')}")
    assert answer.status_code == 403
    assert told(answer)["error"] == "insufficient_scope"
    assert told(answer)["scope"] == "tools"


async def test_while_the_keys_cannot_be_read_a_token_is_neither_good_nor_bad(
    issuer: Issuer, oauth: dict[str, str], keys: dict[str, str]
) -> None:
    issuer.is_down = True
    async with client_of({**oauth, **keys}) as client:
        answer = await post(client, f"Bearer {issuer.token()}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert answer.json()["error"] == "temporarily_unavailable"
        # Keys have nothing to do with it.
        assert (await post(client, f"Bearer {KEY}")).status_code == 200


async def test_with_keys_alone_nobody_is_sent_to_an_authorization_server(keys: dict[str, str]) -> None:
    async with client_of(keys) as client:
        assert told(await post(client)) == {"realm": "lambdascope"}
        assert told(await post(client, "Bearer lsk_wrong"))["error"] == "invalid_token"
        assert (await client.get("/.well-known/oauth-protected-resource")).status_code == 404
        assert (await client.get("/.well-known/oauth-protected-resource/mcp")).status_code == 404


@pytest.mark.parametrize(
    "place", ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]
)
async def test_the_metadata_says_what_is_protected_and_by_whom(
    issuer: Issuer, oauth: dict[str, str], place: str
) -> None:
    async with client_of(oauth) as client:
        answer = await client.get(place.removeprefix("https://mcp.example.com"))
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("resource", "authorization_servers", "scopes_supported")} == {
        "resource": AUDIENCE,
        # To the letter: with a slash added it would be another issuer.
        "authorization_servers": [issuer.url],
        "scopes_supported": ["tools"],
    }


async def test_what_everybody_may_ask_is_answered_whatever_token_is_shown(
    issuer: Issuer, oauth: dict[str, str]
) -> None:
    async with client_of(oauth) as client:
        for shown in ({}, {"Authorization": f"Bearer {issuer.token()}"}, {"Authorization": "Bearer rubbish"}):
            assert (await client.get("/health", headers=shown)).json() == {"status": "ok"}
            ready = await client.get("/ready", headers=shown)
            assert (ready.status_code, ready.json()) == (503, {"ready": False})
    # Nor is the key server asked for it.
    assert issuer.asked == []


@pytest.mark.parametrize("path", ["/mcp", "/mcp/", "//mcp", "/MCP", "/mcp/../mcp", "/%6dcp", "/nowhere"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "PUT"])
async def test_no_spelling_of_the_path_and_no_method_leads_past_the_door(
    oauth: dict[str, str], path: str, method: str
) -> None:
    async with client_of(oauth) as client:
        answer = await client.request(method, path, json=INITIALIZE, follow_redirects=True)
    assert answer.status_code in {401, 404, 405}


async def test_hosts_and_origins_are_looked_at_with_a_good_token_too(keys: dict[str, str]) -> None:
    async with client_of(keys) as client:
        assert (await post(client, f"Bearer {KEY}", Host="evil.example")).status_code == 421
        assert (await post(client, f"Bearer {KEY}", Origin="https://evil.example")).status_code == 403


async def test_why_it_is_not_ready_is_told_where_everybody_may_call_the_tools_anyway(keys: dict[str, str]) -> None:
    beyond = {
        "LAMBDASCOPE_HOST": "0.0.0.0",
        "LAMBDASCOPE_ALLOWED_HOSTS": "mcp.example.com",
        "LAMBDASCOPE_ALLOW_UNAUTHENTICATED": "true",
    }
    for settings, details in (({}, {"reason": "because", "functions": 3}), (keys, {}), (beyond, {})):
        async with client_of(settings) as client:
            assert (await client.get("/ready")).json() == {"ready": False, **details}


async def test_a_websocket_gets_no_further_than_the_door() -> None:
    reached: list[Any] = []
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope)

    async def send(message: Any) -> None:
        sent.append(message)

    nobody: Any = None
    door = Door(app, Challenge(), frozenset({"/health"}))
    for path in ("/mcp", "/health"):
        await door({"type": "websocket", "path": path, "headers": []}, nobody, send)
    assert (reached, sent) == ([], [{"type": "websocket.close"}] * 2)

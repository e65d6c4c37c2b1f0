"""The reference server of the protocol's authors, npm's `server-everything`, says the same behind lambdascope."""

import re
from typing import Any

import anyio
import pytest
from real.asking import Server
from real.comparing import Documents, cannot_ask, differences, documents_said, tools_said, uncalled, without
from real.installing import node_folder

CALLS: dict[str, Any] = {
    "echo": [{"message": "Grüße 🙂"}, {"message": 7}, {}],
    "get-annotated-message": [{"messageType": "error", "includeImage": True}, {"messageType": "no such"}],
    "get-env": [{}],
    "get-resource-links": [{"count": 4}],
    "get-resource-reference": [{"resourceType": "Text", "resourceId": 1}, {"resourceType": "Text", "resourceId": -1}],
    "get-roots-list": [{}],
    "get-structured-content": [{"location": "Chicago"}],
    "get-sum": [{"a": 2, "b": 0.5}, {"a": "2"}],
    "get-tiny-image": [{}],
    "gzip-file-as-resource": [{"name": "a.gz", "data": "data:text/plain,hello", "outputType": "resource"}],
    "simulate-research-query": [{"topic": "rain"}],
    "toggle-simulated-logging": [{}, {}],
    "toggle-subscriber-updates": [{}, {}],
    "trigger-elicitation-request": [{}],
    "trigger-long-running-operation": [{"duration": 0.4, "steps": 4}],
    "trigger-sampling-request": [{"prompt": "A word?", "maxTokens": 9}],
    "trigger-url-elicitation": [{"url": "https://example.com/form"}],
}
ASKING = {"trigger-elicitation-request", "trigger-sampling-request", "trigger-url-elicitation"}
DOCUMENTS = Documents(
    uris=("demo://resource/static/document/features.md", "demo://resource/dynamic/text/3", "demo://nowhere"),
    prompts={
        "simple-prompt": {},
        "args-prompt": {"city": "Turin", "state": "Piedmont"},
        "completable-prompt": {"department": "Sales", "name": "David"},
        "resource-prompt": {"resourceType": "Text", "resourceId": "1"},
    },
    completions=(
        ({"type": "ref/prompt", "name": "completable-prompt"}, "department", "S"),
        ({"type": "ref/resource", "uri": "demo://resource/dynamic/text/{resourceId}"}, "resourceId", "1"),
    ),
)


def lasting(said: Any) -> Any:
    """What it said without the time of day and the ids that are in some of it, and without its variables."""
    if isinstance(said, str):
        words = re.sub(r"\d{1,2}:\d\d:\d\d( [AP]M)?", "NOW", said)
        words = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", words)
        return "its environment" if words.startswith("{\n") and '"PATH"' in words else words
    if isinstance(said, dict):
        return {name: lasting(value) for name, value in said.items()}
    return [lasting(value) for value in said] if isinstance(said, list | tuple) else said


@pytest.fixture
def server(environment: dict[str, str]) -> Server:
    home = node_folder() / "node_modules/@modelcontextprotocol/server-everything"
    return Server(command=("node", str(home / "dist/index.js"), "stdio"), environment=environment)


def test_its_tools_say_the_same(server: Server, recording: dict[str, str]) -> None:
    direct = lasting(anyio.run(tools_said, server, CALLS, "legacy"))
    proxied = lasting(anyio.run(tools_said, server.behind_lambdascope(**recording), CALLS, "legacy"))
    assert not uncalled(direct, CALLS)
    assert direct["progress of trigger-long-running-operation 0"]
    assert differences(direct, proxied) == []


def test_to_a_client_of_the_newest_revision_all_but_those_that_ask_say_the_same(
    server: Server, recording: dict[str, str]
) -> None:
    direct = lasting(anyio.run(tools_said, server, CALLS, "auto"))
    proxied = lasting(anyio.run(tools_said, server.behind_lambdascope(**recording), CALLS, "2026-07-28"))
    assert differences(without(direct, {*ASKING, "get-roots-list"}), proxied) == []
    assert cannot_ask(proxied, ASKING) == ASKING


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_its_documents_say_the_same(mode: str, server: Server, recording: dict[str, str]) -> None:
    direct = lasting(anyio.run(documents_said, server, DOCUMENTS, mode))
    proxied = lasting(anyio.run(documents_said, server.behind_lambdascope(**recording), DOCUMENTS, mode))
    assert differences(direct, proxied) == []

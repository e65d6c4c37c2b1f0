"""AWS out of reach, in each way that a first installation meets: told, recorded, and overcome without a restart."""

import socket
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from stage.answers import ask, invoke
from stage.proxies import Stage
from stage.waiting import asked_until

from lambdascope_proxy.local import LocalAws, LocalFunction

pytestmark = pytest.mark.anyio

ECHO = LocalFunction(name="echo", code=Path(__file__).parent / "functions" / "echo")
ALLOWED = {"FUNCTION_PREFIX": "echo", "FUNCTION_LIST": None, "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": None}


@pytest.fixture
def port() -> int:
    """A port on which nothing listens yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def _fails(client: Client, stage: Stage, function: str, outcome: str) -> dict[str, Any]:
    answer = await invoke(client, function)
    assert answer["is_error"]
    assert answer["outcome"] == outcome, answer
    row = await stage.row(answer["call_id"])
    assert (row["outcome"], row["error_type"]) == (outcome, answer["error_type"])
    assert row["cost_source"] == "none"
    return answer


async def test_while_aws_cannot_be_reached_every_tool_says_so_and_all_is_well_as_soon_as_it_can(
    stage: Stage, local_aws: LocalAws, port: int
) -> None:
    away = stage.having(**ALLOWED)
    endpoints = {
        name: f"http://127.0.0.1:{port}" for name in local_aws.environment() if name.startswith("AWS_ENDPOINT_URL")
    }
    proxy = away.having(**endpoints, LAMBDASCOPE_CATALOG_TTL_S="1", LAMBDASCOPE_EXPOSE="both").serve_http()
    async with proxy.client() as client:
        answer = await _fails(client, stage, "echo", "transport_error")
        assert str(port) in answer["error_message"]
        assert "AWS_ENDPOINT_URL" in answer["next_step"]
        listed = await ask(client, "list_functions")
        assert listed["is_error"], "never an empty list that looks like success"
        assert listed["outcome"] == "transport_error"
        with pytest.raises(MCPError, match=str(port)):
            await client.list_tools()
        ready = await _get(f"{proxy.base}/ready")
        assert ready.status_code == 503
        assert "connect" in ready.json()["reason"].lower()
        assert (await _get(f"{proxy.base}/health")).status_code == 200, "the process itself is well"

        with LocalAws([ECHO], port=port):
            await _works(client, "echo")
            assert [entry["name"] for entry in (await ask(client, "list_functions"))["functions"]] == ["echo"]
            assert "echo" in {tool.name for tool in (await client.list_tools()).tools}
            ready = await asked_until(lambda: _get(f"{proxy.base}/ready"), lambda answer: answer.status_code == 200)
            assert ready.json()["functions"] == 1

        answer = await _fails(client, stage, "echo", "transport_error")
        assert str(port) in answer["error_message"]
        listed = await asked_until(
            lambda: ask(client, "list_functions"), lambda answer: "may be old" in "".join(answer.get("notes", []))
        )
        assert [entry["name"] for entry in listed["functions"]] == ["echo"], "what was known stays known"


async def test_without_credentials_a_call_is_refused_and_works_as_soon_as_there_are_some(
    stage: Stage, local_aws: LocalAws, tmp_path: Path
) -> None:
    """A server started before `aws sso login` must not need a restart after it."""
    credentials = tmp_path / "credentials"
    bare = stage.having(
        AWS_ACCESS_KEY_ID=None,
        AWS_SECRET_ACCESS_KEY=None,
        AWS_SESSION_TOKEN=None,
        AWS_SHARED_CREDENTIALS_FILE=str(credentials),
    )
    proxy = bare.having(FUNCTION_PREFIX="odd-").serve_http()
    async with proxy.client() as client:
        answer = await _fails(client, stage, "odd-echo", "access_denied")
        assert answer["error_type"] == "NoCredentialsError"
        assert "credentials" in answer["error_message"]
        assert "lambdascope doctor" in answer["next_step"]
        credentials.write_text("[default]\naws_access_key_id = late\naws_secret_access_key = late\n")
        await _works(client, "odd-echo")


async def test_in_a_region_without_the_function_the_error_names_the_setting_of_the_region(stage: Stage) -> None:
    with LocalAws([], region="eu-west-1") as elsewhere:
        proxy = stage.having(**elsewhere.environment(), **ALLOWED, LAMBDASCOPE_CATALOG_TTL_S="1").serve_http()
        async with proxy.client() as client:
            answer = await _fails(client, stage, "echo", "not_found")
            assert "AWS_REGION" in answer["next_step"]
            listed = await ask(client, "list_functions")
            assert (listed["is_error"], listed["functions"]) == (False, [])
            assert "FUNCTION_PREFIX=echo" in "".join(listed["notes"]), "an empty list is explained"
            elsewhere.put_function(ECHO)
            assert (await _works(client, "echo"))["cost_usd"]


async def _works(client: Client, function: str) -> dict[str, Any]:
    """A call of a function, once the proxy has seen what changed: a failure may stand for a moment."""
    return await asked_until(lambda: invoke(client, function), lambda answer: answer["outcome"] == "ok")


async def test_as_long_as_nothing_is_allowed_nothing_runs_and_the_error_names_every_setting_that_would(
    stage: Stage, local_aws: LocalAws
) -> None:
    before = local_aws.executions("odd-echo")
    nothing = stage.having(FUNCTION_PREFIX=None, FUNCTION_LIST=None)
    async with nothing.client("stdio") as client:
        for answer in (await _fails(client, stage, "odd-echo", "refused"), await ask(client, "list_functions")):
            assert answer["is_error"]
            for setting in ("FUNCTION_PREFIX", "FUNCTION_LIST", "FUNCTION_TAG_KEY", "LAMBDASCOPE_ALLOW_ALL_FUNCTIONS"):
                assert setting in answer["error_message"]
        assert len((await client.list_tools()).tools) >= 4, "the server goes on"
    assert local_aws.executions("odd-echo") == before


async def test_all_is_allowed_only_by_the_setting_that_says_so(stage: Stage) -> None:
    everything = stage.having(FUNCTION_PREFIX=None, FUNCTION_LIST=None, LAMBDASCOPE_ALLOW_ALL_FUNCTIONS="true")
    done = everything.run("invoke", "payroll", "--payload", "{}")
    assert done.returncode == 0, done.stderr


async def test_a_tag_narrows_what_a_prefix_allows(stage: Stage) -> None:
    tagged = stage.having(FUNCTION_LIST=None, FUNCTION_TAG_KEY="env", FUNCTION_TAG_VALUE="staging")
    done = tagged.run("functions", "--json")
    assert '"name": "demo-sync-stock"' in done.stdout
    assert done.stdout.count('"arn"') == 1


async def _get(url: str) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.get(url)

"""SQL over the history as an agent uses it: through a real client, a real proxy and a real process per query."""

import os
import select
import sys
from pathlib import Path
from typing import Any

import anyio
import mcp.types as t
import pytest
from mcp import MCPError
from stage.answers import ask, invoke
from stage.proxies import HttpProxy, Stage
from stage.waiting import eventually

from lambdascope_analytics.store.row import COLUMN_NAMES

pytestmark = pytest.mark.anyio
SCHEMA = "lambdascope://history/schema"
ENDLESS = "SELECT count(*) FROM range(1000000) a(i), range(1000000) b(j) WHERE i * j % 7 = 3"


@pytest.mark.parametrize(("transport", "mode"), [("stdio", "legacy"), ("stdio", "auto"), ("http", "auto")])
async def test_an_agent_reads_the_schema_calls_and_asks_what_it_cost(stage: Stage, transport: str, mode: str) -> None:
    async with stage.client(transport, mode) as client:
        (resource,) = (await client.list_resources()).resources
        (page,) = (await client.read_resource(str(resource.uri))).contents
        assert isinstance(page, t.TextResourceContents)
        assert [name for name in COLUMN_NAMES if f"- {name} " not in page.text] == []
        called = await invoke(client, "demo-shipping-quote", {"country": "FR"})
        await stage.row(called["call_id"])
        sql = f"SELECT function_name, cost_usd, started_at IS NOT NULL FROM calls WHERE call_id = '{called['call_id']}'"
        answer = await ask(client, "query_history", sql=sql)
    assert answer["rows"] == [["demo-shipping-quote", called["cost_usd"], True]]
    assert answer["texts"][0].splitlines()[1] == f"demo-shipping-quote | {called['cost_usd']} | true"


async def test_a_query_is_recorded_as_a_call_of_our_own_without_its_text(stage: Stage) -> None:
    async with stage.client("stdio") as client:
        assert (await ask(client, "query_history", sql="SELECT 'ada@example.com'"))["rows"] == [["ada@example.com"]]
        refused = await ask(client, "query_history", sql="SELECT * FROM 'ada@example.com'")
        assert refused["is_error"]
        rows = await eventually(lambda: (found := stage.rows("tool_name = 'query_history'"))[1:] and found)
    assert [(row["target"], row["outcome"]) for row in rows] == [("self", "ok"), ("self", "refused")]
    assert "ada" not in str([list(row.values()) for row in rows])


async def test_an_escape_through_the_wire_reaches_nothing(proxy: HttpProxy, house: Stage, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("secret-of-this-machine\n", encoding="utf-8")
    async with proxy.client() as client:
        for sql in (
            f"SELECT * FROM read_csv('{secret}')",
            f"FROM '{secret}'",
            f"WITH x AS (COPY (SELECT 1) TO '{tmp_path}/stolen') SELECT * FROM x",
            "SELECT * FROM read_text('/proc/self/environ')",
            "SELECT * FROM duckdb_settings()",
            "SELECT nonsense FROM calls",
        ):
            answer = await ask(client, "query_history", sql=sql)
            assert answer["is_error"]
            assert "secret-of-this-machine" not in str(answer)
            assert str(house.history_directory) not in str(answer)
    assert _names_in(tmp_path) == ["secret.csv"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up as Linux shows them")
async def test_a_client_that_gives_up_ends_its_query(stage: Stage) -> None:
    async with stage.client("http") as client:
        (started,) = stage.started
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: client.call_tool("query_history", {"sql": ENDLESS}))
            child = await eventually(lambda: _children(started.process.pid))
            descriptor = os.pidfd_open(child[0])
            group.cancel_scope.cancel()
    ended, _, _ = await anyio.to_thread.run_sync(lambda: select.select([descriptor], [], [], 20))
    os.close(descriptor)
    assert ended


async def test_an_operator_can_take_the_tool_away(stage: Stage) -> None:
    async with stage.having(LAMBDASCOPE_SQL_CONCURRENCY="0").client("stdio") as client:
        assert "query_history" not in {tool.name for tool in (await client.list_tools()).tools}
        with pytest.raises(MCPError):
            await client.read_resource(SCHEMA)


async def test_the_command_answers_what_the_tool_does(stage: Stage) -> None:
    done = await anyio.to_thread.run_sync(lambda: stage.run("sql", "--csv", "SELECT count(*) AS calls FROM calls"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "calls\n0\n", "")


def _names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def _children(pid: int) -> Any:
    """The processes that run a query for this proxy."""
    found: list[int] = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            status = (directory / "stat").read_text(encoding="utf-8")
            command = (directory / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status.rpartition(")")[2].split()[1]) == pid and b"adhoc.child" in command:
            found.append(int(directory.name))
    return found

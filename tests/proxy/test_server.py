"""The MCP side, through the SDK's own client: what is listed, called, refused and announced."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp.types as t
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy import server as server_module
from lambdascope_proxy.call import Aim, Call, Failure, Outcome, OutcomeKind
from lambdascope_proxy.catalog import Catalog
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.pipeline import build_pipeline
from lambdascope_proxy.resource import TextResource
from lambdascope_proxy.schema_store import SchemaStore
from lambdascope_proxy.selection import Function, Selection
from lambdascope_proxy.server import LIST_TTL_MS, PAGE, McpFront
from lambdascope_proxy.telemetry.id_tracer import IdTracer
from lambdascope_proxy.tool import ToolSpec
from lambdascope_proxy.toolbox import Toolbox

pytestmark = pytest.mark.anyio
MODES: list[Any] = ["legacy", "2026-07-28"]


class Echo:
    """A tool that ends as it is told and keeps the calls it got."""

    spec = ToolSpec(
        name="echo",
        title="Echo",
        description="Echoes.",
        input_schema={"type": "object"},
        output_schema={"type": "object"},
        read_only=True,
        idempotent=True,
        open_world=False,
    )

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        return Aim()

    async def run(self, call: Call) -> Outcome:
        self.calls.append(call)
        if call.arguments.get("fail"):
            failure = Failure(error_type="Boom", message="It failed.", hint="Do otherwise.")
            return Outcome(kind=OutcomeKind.TOOL_ERROR, failure=failure)
        return Outcome(kind=OutcomeKind.OK, text="echoed", data={"said": call.arguments.get("say")})


PAGE_OF_OURS = TextResource(
    uri="lambdascope://page", name="page", title="Page", description="A page.", read=lambda: "# A page"
)


class House:
    """A front over one echo and as many functions as there are names."""

    def __init__(self, function_of: Callable[..., Function]) -> None:
        self.echo = Echo()
        self.names: list[str] = []
        self.failure: CallFailed | None = None
        self.now = 0.0

        async def discover(with_tags: bool) -> tuple[Function, ...]:
            if self.failure:
                raise self.failure
            return tuple(function_of(name) for name in self.names)

        self.catalog = Catalog(discover, Selection(allow_all=True), ttl_s=60, with_tags=False, clock=lambda: self.now)
        nothing: Any = None
        toolbox = Toolbox(
            [self.echo],
            exposes_functions=True,
            catalog=self.catalog,
            schemas=SchemaStore(nothing, nothing, "", ttl_s=60),
            invoke=self.echo.run,
        )
        self.front = McpFront(toolbox, build_pipeline([]), IdTracer(), "stdio", [PAGE_OF_OURS], scrub=Scrubber().text)
        self.bare = McpFront(toolbox, build_pipeline([]), IdTracer(), "stdio", scrub=str)
        self.catalog.on_read(toolbox.refresh)
        toolbox.on_change(self.front.announce_change)

    @asynccontextmanager
    async def client(self, mode: Any = "2026-07-28", **more: Any) -> AsyncGenerator[Client]:
        async with Client(self.front.server, mode=mode, cache=None, **more) as client:
            yield client


@pytest.fixture
def house(function_of: Callable[..., Function]) -> House:
    return House(function_of)


@pytest.mark.parametrize("mode", MODES)
async def test_a_tool_is_listed_with_everything_clients_may_know(house: House, mode: Any) -> None:
    async with house.client(mode) as client:
        listed = await client.list_tools()
    (tool,) = listed.tools
    assert (tool.name, tool.title, tool.description) == ("echo", "Echo", "Echoes.")
    assert (tool.input_schema, tool.output_schema) == ({"type": "object"}, {"type": "object"})
    assert tool.annotations == t.ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
    assert listed.next_cursor is None
    if mode != "legacy":
        assert (listed.ttl_ms, listed.cache_scope) == (LIST_TTL_MS, "private")


async def test_a_long_list_comes_in_pages_in_one_order(house: House) -> None:
    house.names = [f"f{number:03}" for number in range(2 * PAGE + 5)]
    seen: list[str] = []
    cursors: list[str | None] = [None]
    async with house.client() as client:
        while len(cursors) == 1 or cursors[-1]:
            page = await client.list_tools(cursor=cursors[-1])
            seen += [tool.name for tool in page.tools]
            cursors.append(page.next_cursor)
    assert seen == ["echo", *house.names]
    assert len(cursors) == 4


@pytest.mark.parametrize("cursor", ["", "x", "-1", "7", "1.0", "²", "9" * 5000])
async def test_a_cursor_that_is_not_ours_is_the_callers_fault(house: House, cursor: str) -> None:
    async with house.client() as client:
        with pytest.raises(MCPError) as refused:
            await client.list_tools(cursor=cursor)
    assert refused.value.error.code == t.INVALID_PARAMS
    assert "list from the first page" in refused.value.error.message


async def test_a_list_that_cannot_be_read_is_an_error_with_its_next_step_and_never_empty(house: House) -> None:
    house.failure = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "AWS says no.", "Grant it.")
    async with house.client() as client:
        with pytest.raises(MCPError) as refused:
            await client.list_tools()
    assert refused.value.error.code == t.INTERNAL_ERROR
    assert refused.value.error.message == "The tools cannot be listed now: AWS says no. Grant it."


@pytest.mark.parametrize("mode", MODES)
async def test_an_outcome_becomes_text_and_structured_content(house: House, mode: Any) -> None:
    async with house.client(mode) as client:
        result = await client.call_tool("echo", {"say": "hé"})
    assert [block.text for block in result.content if isinstance(block, t.TextContent)] == ["echoed"]
    assert (result.structured_content, result.is_error) == ({"said": "hé"}, False)


@pytest.mark.parametrize("mode", MODES)
async def test_a_failed_outcome_is_a_tool_error_the_model_can_act_on(house: House, mode: Any) -> None:
    async with house.client(mode) as client:
        result = await client.call_tool("echo", {"fail": True})
    assert result.is_error
    assert (result.structured_content or {})["next_step"] == "Do otherwise."
    (block,) = result.content
    assert isinstance(block, t.TextContent)
    assert block.text == "tool_error: Boom: It failed.\nDo otherwise."


@pytest.mark.parametrize("mode", MODES)
async def test_an_unknown_tool_is_a_protocol_error_of_bounded_length(house: House, mode: Any) -> None:
    async with house.client(mode) as client:
        with pytest.raises(MCPError) as refused:
            await client.call_tool("x" * 1000, {})
    assert refused.value.error.code == t.INVALID_PARAMS
    assert refused.value.error.message == "Unknown tool: " + "x" * 128


@pytest.mark.parametrize(("mode", "revision"), [("legacy", "2025-11-25"), ("2026-07-28", "2026-07-28")])
async def test_a_call_knows_who_made_it_and_in_which_revision(house: House, mode: Any, revision: str) -> None:
    async with house.client(mode, client_info=t.Implementation(name="agent", version="7")) as client:
        await client.call_tool("echo", {})
    (call,) = house.echo.calls
    assert (call.caller.client_name, call.caller.client_version) == ("agent", "7")
    assert (call.caller.transport, call.caller.protocol_version, call.caller.session_id) == ("stdio", revision, None)


async def test_a_secret_in_what_a_client_says_of_itself_is_masked_before_it_gets_anywhere(house: House) -> None:
    # The name is a label of metrics and an attribute of log lines; cut first, half a secret would not be recognised.
    named = t.Implementation(name="a" * 190 + " AKIAIOSFODNN7EXAMPLE", version="password=hunter2")
    async with house.client(client_info=named) as client:
        await client.call_tool("echo", {})
    (call,) = house.echo.calls
    assert call.caller.client_name == "a" * 190 + " [masked]"
    assert call.caller.client_version == "password=[masked]"


async def test_the_first_answer_is_told_to_what_waits_for_it(house: House) -> None:
    # Discovery begins then, so that start-up waits for nothing.
    assert not house.front.answered.is_set()
    async with house.client() as client:
        await client.list_tools()
    assert house.front.answered.is_set()


async def test_a_long_call_reports_progress_to_who_asked_for_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    # In memory only the older revision sends the token that asks for it.
    monkeypatch.setattr(server_module, "PROGRESS_EVERY_S", 0.01)
    told = anyio.Event()
    messages: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        messages.append(message)
        told.set()

    async def wait(call: Call) -> Outcome:
        with anyio.fail_after(20):
            await told.wait()
        return Outcome(kind=OutcomeKind.OK, text="done")

    monkeypatch.setattr(house.echo, "run", wait)
    async with house.client("legacy") as client:
        await client.call_tool("echo", {}, progress_callback=hear)
    assert messages[0] == "still running after 0 s"


async def test_older_clients_hear_of_a_change_also_after_another_one_left(house: House) -> None:
    heard, changed = anyio.Event(), list[Any]()

    async def hear(message: Any) -> None:
        changed.append(message)
        if isinstance(message, t.ToolListChangedNotification):
            heard.set()

    async with house.client("legacy") as leaving:
        await leaving.list_tools()
        kept = list(house.front._older_clients)  # pyright: ignore[reportPrivateUsage] -- holds what a slow collector would
    async with house.client("legacy", message_handler=hear) as staying:
        await staying.list_tools()
        house.names, house.now = ["new"], house.now + 61
        await staying.list_tools()
        with anyio.fail_after(20):
            await heard.wait()
    assert kept


@pytest.mark.parametrize("mode", MODES)
async def test_a_resource_is_listed_and_read(house: House, mode: Any) -> None:
    async with house.client(mode) as client:
        listed = await client.list_resources()
        templates = await client.list_resource_templates()
        read = await client.read_resource("lambdascope://page")
    assert [(str(each.uri), each.name, each.title, each.description, each.mime_type) for each in listed.resources] == [
        ("lambdascope://page", "page", "Page", "A page.", "text/markdown")
    ]
    assert templates.resource_templates == []
    (content,) = read.contents
    assert isinstance(content, t.TextResourceContents)
    assert (str(content.uri), content.mime_type, content.text) == ("lambdascope://page", "text/markdown", "# A page")


@pytest.mark.parametrize("mode", MODES)
async def test_a_resource_that_does_not_exist_is_the_callers_fault_and_those_that_do_are_named(
    house: House, mode: Any
) -> None:
    async with house.client(mode) as client:
        with pytest.raises(MCPError) as refused:
            await client.read_resource("lambdascope://other")
    assert refused.value.error.code == t.INVALID_PARAMS
    assert "lambdascope://page" in refused.value.error.message


async def test_without_resources_the_server_does_not_claim_to_have_any(house: House) -> None:
    async with Client(house.bare.server, mode="legacy", cache=None) as client:
        assert client.server_capabilities.resources is None
        assert client.server_capabilities.tools is not None

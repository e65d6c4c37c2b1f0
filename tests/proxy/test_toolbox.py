"""The tools on offer: the fixed ones, and one per function when the operator wants that."""

from collections.abc import Callable, Collection
from typing import Any

import anyio
import pytest

from lambdascope_proxy.call import Call, Outcome, OutcomeKind
from lambdascope_proxy.catalog import Catalog
from lambdascope_proxy.errors import CallFailed, UnknownTool
from lambdascope_proxy.results import Results
from lambdascope_proxy.schema_store import InputSchema, SchemaStore
from lambdascope_proxy.schemas import compile_schema
from lambdascope_proxy.selection import Function, Selection
from lambdascope_proxy.toolbox import Toolbox
from lambdascope_proxy.tools.read_result import ReadResult
from lambdascope_proxy.tools.upstream_tool import UpstreamTool

pytestmark = pytest.mark.anyio
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "integer"}}}


class Registry(SchemaStore):
    """Knows the schema of functions called with-schema, and a defect of those called broken."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.schema: dict[str, Any] = SCHEMA

    async def of(self, function: Function, version: str = "") -> InputSchema | None:
        self.reads.append(function.name)
        if function.name == "broken":
            raise CallFailed(OutcomeKind.TOOL_ERROR, "SchemaUnusable", "not JSON")
        if function.name != "with-schema":
            return None
        return InputSchema(arn="arn:x", version="1", schema=self.schema, problems=compile_schema(self.schema))


class Account:
    """What the catalogue would find, with a clock to move."""

    def __init__(self, function_of: Callable[..., Function]) -> None:
        self.names = ["plain", "with-schema", "broken", "read.result", "read_result"]
        self.failure: CallFailed | None = None
        self.now = 0.0
        self.registry = Registry()
        self._function_of = function_of

    async def _discover(self, with_tags: bool) -> tuple[Function, ...]:
        if self.failure:
            raise self.failure
        return tuple(self._function_of(name) for name in sorted(self.names))

    async def read_again(self, toolbox: Toolbox | None = None) -> None:
        """Has the catalogue read once more, and the toolbox told of it as the server does."""
        self.now += 61
        await self.catalog.snapshot()
        await anyio.wait_all_tasks_blocked()
        if toolbox:
            await toolbox.refresh()

    def toolbox(self, *, exposes_functions: bool, others: "Elsewhere | None" = None) -> Toolbox:
        selection = Selection(allow_all=True)
        self.catalog = Catalog(self._discover, selection, ttl_s=60, with_tags=False, clock=lambda: self.now)

        async def invoke(call: Call) -> Outcome:
            return Outcome(kind=OutcomeKind.OK, text=call.aim.function_name or "")

        return Toolbox(
            [ReadResult(Results(0), 10)],
            exposes_functions=exposes_functions,
            catalog=self.catalog,
            schemas=self.registry,
            invoke=invoke,
            others=others,
        )


class Elsewhere:
    """A server that offers a tool under a name of its own, and one under a name of ours."""

    async def settle(self) -> None:
        return

    def offered(self, taken: Collection[str]) -> dict[str, Any]:
        wires: list[dict[str, Any]] = [{"name": name, "inputSchema": SCHEMA} for name in ("search", "read_result")]
        return {wire["name"]: UpstreamTool(wire["name"], "docs", wire, unreached) for wire in wires}


async def unreached(call: Call) -> Outcome:
    raise AssertionError("nothing is called here")


@pytest.fixture
def account(function_of: Callable[..., Function]) -> Account:
    return Account(function_of)


async def names(toolbox: Toolbox) -> list[str]:
    return [tool.spec.name for tool in await toolbox.list()]


async def test_by_default_the_fixed_tools_are_all_and_aws_is_not_asked(account: Account) -> None:
    account.failure = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "no")
    toolbox = account.toolbox(exposes_functions=False)
    assert await names(toolbox) == ["read_result"]
    assert toolbox.names == {"read_result"}
    assert (await toolbox.find("read_result")).spec.name == "read_result"
    with pytest.raises(UnknownTool):
        await toolbox.find("plain")


async def test_each_function_has_a_tool_under_a_name_of_its_own_in_a_fixed_order(account: Account) -> None:
    toolbox = account.toolbox(exposes_functions=True)
    listed = await names(toolbox)
    assert listed[0] == "read_result"
    assert listed[1:] == sorted(listed[1:])
    assert len(set(listed)) == 6
    account.names.reverse()
    assert await names(account.toolbox(exposes_functions=True)) == listed
    assert toolbox.names == set(listed)


async def test_a_functions_tool_has_its_schema_and_calls_it(account: Account, call_of: Callable[..., Call]) -> None:
    toolbox = account.toolbox(exposes_functions=True)
    tool = await toolbox.find("with-schema")
    assert tool.spec.input_schema == SCHEMA
    assert (await tool.run(call_of({"id": 1}, tool=tool))).text == "with-schema"


async def test_a_function_whose_schema_cannot_be_used_keeps_its_tool(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    # One bad schema must not take the whole list away.
    toolbox = account.toolbox(exposes_functions=True)
    assert (await toolbox.find("broken")).spec.input_schema == {"type": "object", "additionalProperties": True}
    assert "broken" in caplog.text


async def test_tools_are_kept_until_the_functions_are_read_again(account: Account) -> None:
    toolbox = account.toolbox(exposes_functions=True)
    first = await toolbox.list()
    assert await toolbox.list() == first
    assert len(account.registry.reads) == 5  # a schema each, once
    account.names += ["new"]
    account.names.remove("plain")
    await account.read_again()
    assert {"new", "plain"} & set(await names(toolbox)) == {"new"}
    with pytest.raises(UnknownTool):
        await toolbox.find("plain")


async def test_a_change_of_what_is_listed_is_told_and_nothing_else(account: Account) -> None:
    toolbox, heard = account.toolbox(exposes_functions=True), list[list[str]]()

    async def hear() -> None:
        heard.append(await names(toolbox))

    toolbox.on_change(hear)
    await account.read_again(toolbox)
    await account.read_again(toolbox)
    assert heard == []  # the first list is no change, nor is one read again
    account.names.append("new")
    await account.read_again(toolbox)
    assert len(heard) == 1
    assert "new" in heard[0]
    account.registry.schema = {"type": "object", "properties": {"id": {"type": "string"}}}
    await account.read_again(toolbox)
    assert len(heard) == 2  # a tool's schema is listed too


async def test_a_name_that_no_function_has_is_unknown(account: Account) -> None:
    with pytest.raises(UnknownTool):
        await account.toolbox(exposes_functions=True).find("nothing")


async def test_while_functions_cannot_be_read_the_list_fails_and_a_call_says_why(
    account: Account, call_of: Callable[..., Call]
) -> None:
    account.failure = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "AWS says no.")
    toolbox = account.toolbox(exposes_functions=True)
    with pytest.raises(CallFailed, match="AWS says no"):
        await toolbox.list()
    tool: Any = await toolbox.find("plain")
    call = call_of({"anything": 1}, tool=tool)
    assert (call.aim.target, tool.spec.checks_arguments) == ("self", False)
    with pytest.raises(CallFailed, match="AWS says no"):
        await tool.run(call)
    assert (await toolbox.find("read_result")).spec.name == "read_result"  # what needs no function still works


async def test_schemas_are_told_of_tools_elsewhere_only(account: Account) -> None:
    """Headers are held against them; those of our tools and of functions declare none, and may take long to read."""
    toolbox = account.toolbox(exposes_functions=True, others=Elsewhere())
    await toolbox.list()
    assert toolbox.schema_elsewhere("search") == SCHEMA
    assert [toolbox.schema_elsewhere(name) for name in ("read_result", "with-schema", "nothing")] == [None] * 3

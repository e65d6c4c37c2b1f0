"""Resources, templates, prompts, completion and subscriptions of upstreams, for clients of both eras."""

from typing import Any

import anyio
import mcp.types as t
import pytest
from behind import Behind, behind, command
from mcp.shared.exceptions import MCPError

from lambdascope_proxy.upstreams.spec import Upstream

pytestmark = pytest.mark.anyio
MODES = ["legacy", "2026-07-28"]


@pytest.mark.parametrize("mode", MODES)
async def test_resources_are_listed_and_read_beside_our_own(upstream: Upstream, mode: str) -> None:
    async with behind(upstream) as house, house.client(mode) as client:
        listed = (await client.list_resources()).resources
        templates = (await client.list_resource_templates()).resource_templates
        ours = await client.read_resource("lambdascope://page")
        theirs = await client.read_resource("page://one")
        made = await client.read_resource("page://two")
        with pytest.raises(MCPError) as missing:
            await client.read_resource("page://missing")
    assert [str(each.uri) for each in listed] == ["lambdascope://page", "page://one"]
    assert (listed[1].title, [icon.sizes for icon in listed[1].icons or []]) == ("One", [["48x48"]])
    assert [template.uri_template for template in templates] == ["page://{name}"]
    texts = [content.text for read in (ours, theirs, made) for content in read.contents if hasattr(content, "text")]
    assert texts == ["# Ours", "This is page://one.", "This is page://two."]
    assert (missing.value.error.code, missing.value.error.data) == (-32002, {"uri": "page://missing"})


@pytest.mark.parametrize("mode", MODES)
async def test_prompts_are_named_as_tools_are_and_completed(either: Upstream, mode: str) -> None:
    spec = Upstream(name="fixture", command=either.command, url=either.url, prefix="x_")
    async with behind(spec) as house, house.client(mode) as client:
        (prompt,) = (await client.list_prompts()).prompts
        got = await client.get_prompt("x_greet", {"who": "Ada"})
        by_name = await client.complete(t.PromptReference(name="x_greet"), {"name": "who", "value": "A"})
        by_uri = await client.complete(t.ResourceTemplateReference(uri="page://{name}"), {"name": "name", "value": "o"})
        with pytest.raises(MCPError, match="Unknown prompt: greet"):
            await client.get_prompt("greet", {})
    assert (prompt.name, prompt.title, [argument.name for argument in prompt.arguments or []]) == (
        "x_greet",
        "Greet",
        ["who"],
    )
    assert (got.description, getattr(got.messages[0].content, "text", None)) == ("greet", "Hello Ada")
    assert (by_name.completion.values, by_uri.completion.values) == (["greet:A"], ["page://{name}:o"])


async def test_only_what_somebody_has_is_announced_once_that_is_known() -> None:
    bare = Upstream(name="bare", command=("/nowhere/at-all",))
    async with behind(Upstream(name="fixture", command=command("legacy"))) as house:
        await house.upstreams.settle()
        async with house.client("legacy") as client:
            known = client.server_capabilities
    async with behind(bare) as house, house.client("legacy") as client:
        unknown = client.server_capabilities
    assert known.prompts is not None
    assert known.completions is not None
    assert known.logging is not None
    assert known.resources is not None
    assert (known.resources.subscribe, known.resources.list_changed, known.prompts.list_changed) == (True, True, True)
    # Nobody waits for an upstream before the first answer: what is not known yet may be there.
    assert unknown.prompts is not None


async def heard_of(house: Behind, kind: str, doing: Any) -> Any:
    """What an older client hears of this kind while something is done."""
    heard, found = anyio.Event(), list[Any]()

    async def hear(message: Any) -> None:
        if kind in type(message).__name__:
            found.append(message)
            heard.set()

    async with house.client("legacy", message_handler=hear) as client:
        await doing(client)
        with anyio.fail_after(20):
            await heard.wait()
    return found[0]


async def test_an_older_client_hears_of_a_resource_it_subscribed_to(upstream: Upstream) -> None:
    async def touch(client: Any) -> None:
        await client.session.subscribe_resource("page://one")
        with anyio.fail_after(20):
            while True:
                await client.call_tool("touch", {"uri": "page://two"})
                await client.call_tool("touch", {"uri": "page://one"})
                if told:
                    return
                await anyio.sleep(0.05)

    told = list[str]()
    async with behind(upstream) as house:
        forwarded = house.front.forwarded
        assert forwarded is not None
        for member in house.upstreams.members.values():

            def note(method: str, params: Any) -> None:
                told.append(params.get("uri"))
                forwarded.told(method, params)

            member.on_told = note
        with pytest.warns(match="resources/subscribe is removed"):
            message = await heard_of(house, "ResourceUpdated", touch)
    assert str(message.params.uri) == "page://one"


async def test_a_newer_client_hears_of_a_resource_it_listens_for(upstream: Upstream) -> None:
    async with (
        behind(upstream) as house,
        house.client() as client,
        client.listen(resource_subscriptions=["page://one"]) as events,
        anyio.create_task_group() as tasks,
    ):

        async def touch() -> None:
            while True:
                await client.call_tool("touch", {"uri": "page://one"})
                await anyio.sleep(0.05)

        tasks.start_soon(touch)
        with anyio.fail_after(20):
            event = await events.__anext__()
        tasks.cancel_scope.cancel()
    assert getattr(event, "uri", None) == "page://one"


@pytest.mark.parametrize("kind", ["ResourceListChanged", "PromptListChanged"])
async def test_a_list_that_changed_is_told_and_one_that_did_not_is_not(kind: str) -> None:
    async with behind(Upstream(name="fixture", command=command("both"))) as house:
        await house.upstreams.settle()
        (member,) = house.upstreams.members.values()

        async def change(client: Any) -> None:
            await client.call_tool("change", {"name": "new", "shelf": True})

        await heard_of(house, kind, change)
    assert "page://new" in member.shelf.resources


async def test_a_level_of_logging_reaches_the_upstream_and_its_words_the_only_client() -> None:
    async with behind(Upstream(name="fixture", command=command("legacy"))) as house:
        await house.upstreams.settle()

        async def speak(client: Any) -> None:
            await client.session.set_logging_level("error")
            levels.append((await client.call_tool("speak", {})).content[0].text)

        levels = list[str]()
        with pytest.warns(match="logging capability is deprecated"):
            message = await heard_of(house, "LoggingMessage", speak)
    assert levels == ["error"]
    assert (message.params.level, message.params.data) == ("error", "spoken")


async def test_of_two_that_have_the_same_resource_the_first_is_read_and_the_log_says_so(
    http_urls: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    left, right = (Upstream(name=name, url=http_urls["both"]) for name in ("left", "right"))
    async with behind(left, right) as house, house.client() as client:
        listed = (await client.list_resources()).resources
        prompts = (await client.list_prompts()).prompts
    assert [str(each.uri) for each in listed] == ["lambdascope://page", "page://one"]
    assert [prompt.name for prompt in prompts] == ["left__greet", "right__greet"]
    assert "page://one of upstream right is hidden by that of another" in caplog.text

"""Calls a tool from the command line through the pipeline agents use, once or again and again."""

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

from lambdascope_proxy.call import Caller, begin_call
from lambdascope_proxy.settings import Settings

if TYPE_CHECKING:
    from lambdascope_proxy.answer import Answer
    from lambdascope_proxy.tool import Tool
    from lambdascope_proxy.wiring import Proxy

R = TypeVar("R")
Ask = Callable[[Mapping[str, Any]], Awaitable["Answer"]]


def call_once(settings: Settings, tool: "str | Callable[[Proxy], Tool]", arguments: Mapping[str, Any]) -> "Answer":
    """Makes one call and returns its answer; recorded like any other, with transport `cli`."""

    async def once(ask: Ask) -> "Answer":
        return await ask(arguments)

    return with_tool(settings, tool, once)


def with_tool(settings: Settings, tool: "str | Callable[[Proxy], Tool]", use: Callable[[Ask], Awaitable[R]]) -> R:
    """Builds a proxy, lets `use` ask its tool (by name, or as `tool` finds it) and closes the proxy."""
    import anyio

    from lambdascope_proxy.answer import answer_of
    from lambdascope_proxy.log_lines import set_up_logging
    from lambdascope_proxy.wiring import build_proxy, scrubber_of

    set_up_logging(settings.log_level, scrubber_of(settings))
    proxy = build_proxy(settings, os.environ)
    caller = Caller(transport="cli", client_name="lambdascope-cli", client_version=version("lambdascope"))

    async def run() -> R:
        found = await proxy.toolbox.find(tool) if isinstance(tool, str) else tool(proxy)

        async def ask(arguments: Mapping[str, Any]) -> "Answer":
            call = begin_call(found, arguments, caller, time.perf_counter_ns())
            return answer_of(call, await proxy.pipeline(call))

        async with aclosing(proxy):
            return await use(ask)

    try:
        proxy.upkeep.start()
        return anyio.run(run)
    finally:
        proxy.close()

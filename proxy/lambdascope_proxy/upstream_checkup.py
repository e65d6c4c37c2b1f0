"""The checks behind `doctor` that are about other MCP servers: each is started or reached once, and listed."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final

import anyio

from lambdascope_proxy.finding import Finding
from lambdascope_proxy.upstreams.spec import Upstream

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.listing import Offered
    from lambdascope_proxy.upstreams.looking import Seen

# Of a page of a list; no server that is meant well comes near it.
LIST_BYTES: Final = 20_000_000


def look_at_upstreams(
    specs: Sequence[Upstream], scrub: Callable[[str], str], taken: Collection[str]
) -> "tuple[list[Seen], list[Offered]]":
    """What each showed, and what its tools are called where these names are taken.

    Takes as long as the slowest of them, which its `start_timeout_s` bounds.
    """
    if not specs:
        return [], []
    from lambdascope_proxy.upstreams.looking import look_at, names_here

    async def look() -> "list[Seen]":
        return await look_at(specs, scrub=scrub, most_bytes=LIST_BYTES)

    seen = anyio.run(look)
    return seen, names_here(seen, taken)


def examine_upstreams(specs: Sequence[Upstream], scrub: Callable[[str], str], taken: Collection[str]) -> list[Finding]:
    """One finding for each."""
    seen, offered = look_at_upstreams(specs, scrub, taken)
    renamed = [tool for tool in offered if tool.is_renamed]
    return [_finding(each, [tool for tool in renamed if tool.upstream == each.spec.name]) for each in seen]


def _finding(seen: "Seen", renamed: "Sequence[Offered]") -> Finding:
    name = seen.spec.name
    if seen.failure:
        advice = f"Check its command or URL, and what it needs, under [upstreams.{name}]."
        return Finding(subject=f"upstream {name}", status="fail", detail=seen.failure, next_step=advice)
    problems = [
        *(f"{aside.name} is set aside: {aside.reason}" for aside in seen.set_aside),
        *(f"{tool.own_name} is called {tool.name}, as its own name is taken or unfit" for tool in renamed),
    ]
    denied = f", {len(seen.denied)} denied" if seen.denied else ""
    detail = f"{seen.server or 'a server'} speaks {seen.protocol_version}: {len(seen.admitted)} tools{denied}"
    return Finding(
        subject=f"upstream {name}",
        status="warn" if problems or not seen.admitted else "ok",
        detail="; ".join([detail, *problems]),
        next_step="`lambdascope upstreams list` shows every tool." if problems else "",
    )

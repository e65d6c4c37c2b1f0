"""One look at each upstream, for people: does it start, what does it offer, and under which names."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final, TypeGuard, cast
from urllib.parse import urlsplit

import anyio

from lambdascope_proxy.call import RpcError
from lambdascope_proxy.errors import UpstreamRefused
from lambdascope_proxy.upstreams.listing import Offered, SetAside, offered_names, prefix_of, shown, sort_tools
from lambdascope_proxy.upstreams.member import METHOD_NOT_FOUND, list_all
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.wire.link import Link, open_link
from lambdascope_proxy.upstreams.wire.words import Words

# Ending a process takes a few seconds at most; beyond that it is not waited for.
END_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one upstream showed; `failure` says why it showed nothing, and is empty when it did."""

    spec: Upstream
    protocol_version: str = ""
    server: str = ""
    admitted: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    failure: str = ""

    @property
    def place(self) -> str:
        """How it is reached, without anything that could be a secret."""
        spec = self.spec
        return f"http: {urlsplit(spec.url).hostname}" if spec.url else f"stdio: {PurePath(spec.command[0]).name}"


class _Deaf:
    """Answers nothing that an upstream asks while it is looked at."""

    async def asked(self, method: str, params: Mapping[str, Any] | None, owners: Sequence[Any]) -> dict[str, Any]:
        """Refuses."""
        raise UpstreamRefused(RpcError(code=METHOD_NOT_FOUND, message=f"{method} cannot be asked here"))

    def told(self, method: str, params: Mapping[str, Any] | None) -> None:
        """Takes no notice."""


async def look_at(specs: Sequence[Upstream], *, scrub: Callable[[str], str], most_bytes: int) -> list[Seen]:
    """All of them at once, each within its own `start_timeout_s`; `scrub` masks what they say."""
    seen: dict[str, Seen] = {}

    async def look(spec: Upstream) -> None:
        words = Words(spec.name, scrub)
        try:
            await _look(spec, words, most_bytes, seen)
        except Exception as error:
            # What goes wrong at the end takes nothing from what was seen.
            seen.setdefault(spec.name, Seen(spec=spec, failure=scrub(_failure(spec, error, words))))

    async with anyio.create_task_group() as tasks:
        for spec in specs:
            tasks.start_soon(look, spec)
    return [seen[spec.name] for spec in specs]


def names_here(seen: Sequence[Seen], taken: Collection[str]) -> list[Offered]:
    """What the admitted tools are called where these names of ours are taken."""
    prefixes = {each.spec.name: prefix_of(each.spec, is_only=len(seen) == 1) for each in seen}
    return offered_names({each.spec.name: each.admitted for each in seen}, prefixes, taken)


async def _look(spec: Upstream, words: Words, most_bytes: int, seen: dict[str, Seen]) -> None:
    with anyio.fail_after(spec.start_timeout_s) as patience:
        async with open_link(spec, _Deaf(), words, most_bytes=most_bytes) as link:
            seen[spec.name] = await _seen(spec, link)
            patience.deadline = anyio.current_time() + END_S


async def _seen(spec: Upstream, link: Link) -> Seen:
    raw = await list_all(link, "tools/list", "tools") if "tools" in link.capabilities else []
    listed = sort_tools(raw, spec)
    named = {str(tool["name"]) for tool in raw if _is_object(tool) and isinstance(tool.get("name"), str)}
    denied = {shown(name) for name in named if not spec.admits(name)}
    return Seen(
        spec=spec,
        protocol_version=link.protocol_version,
        server=shown(link.server),
        admitted=tuple(str(tool["name"]) for tool in listed.tools),
        denied=tuple(sorted(denied)),
        # What is denied need not be usable.
        set_aside=tuple(aside for aside in listed.set_aside if aside.name not in denied),
    )


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _failure(spec: Upstream, error: BaseException, words: Words) -> str:
    cause = _cause(error)
    reason = str(cause) or type(cause).__name__
    if isinstance(cause, TimeoutError):
        reason = f"it did not answer within {spec.start_timeout_s:g} s (start_timeout_s)"
    if words.nonsense:
        reason += f" (what it wrote to stdout is no JSON-RPC: {words.nonsense} lines)"
    said = f"{reason}; it wrote: {words.last}" if words.last else reason
    return "".join(character if character.isprintable() else " " for character in said)


def _cause(error: BaseException) -> BaseException:
    """What went wrong, out of the groups that task groups wrap it in."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error

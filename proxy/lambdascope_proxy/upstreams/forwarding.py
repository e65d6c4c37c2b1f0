"""What upstreams have besides tools: resources, templates, prompts, completion; whose it is, and asking them for it.

URIs stay as they are, and the first upstream that lists one has it; prompts are named as tools are.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lambdascope_proxy.call import Client, Progress, RpcError, TraceIds
from lambdascope_proxy.errors import UpstreamRefused
from lambdascope_proxy.upstreams.exchange import exchange, handed_on
from lambdascope_proxy.upstreams.listing import offered_names
from lambdascope_proxy.upstreams.member import Member
from lambdascope_proxy.upstreams.offer import Upstreams

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)
INVALID_PARAMS: Final = -32602
URI_CHARS: Final = 200
Reaches = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose request goes to an upstream that is no call of a tool."""

    client: Client | None
    progress: Progress = field(default_factory=Progress)


class Forwarding:
    """`reaches` says of an upstream's name whether this client may use it."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._told = set[str]()

    def has(self, capability: str) -> bool:
        """Whether an upstream has it; where one is not there yet, it may."""
        found = [member.capabilities for member in self._upstreams.members.values()]
        return any(capabilities is None or capability in capabilities for capabilities in found)

    async def entries(self, kind: str, reaches: Reaches) -> list[Mapping[str, Any]]:
        """All resources or templates, each URI once."""
        await self._upstreams.settle()
        found = dict[str, Mapping[str, Any]]()
        for member in self._members(reaches):
            for key, entry in getattr(member.shelf, kind).items():
                if key in found:
                    self._tell(f"{key[:URI_CHARS]} of upstream {member.spec.name} is hidden by that of another")
                found.setdefault(key, entry)
        return [*found.values()]

    async def prompts(self, reaches: Reaches) -> list[Mapping[str, Any]]:
        """All prompts under the names they have here."""
        await self._upstreams.settle()
        return [
            {**member.shelf.prompts[own_name], "name": name}
            for name, (member, own_name) in self._prompt_names(reaches).items()
        ]

    async def read(self, params: Mapping[str, Any], asker: Asker, trace: TraceIds | None, reaches: Reaches) -> Any:
        """The result of `resources/read`. Raises UpstreamError, CallFailed."""
        member = await self._owner_of(str(params["uri"]), reaches)
        return await self._send(member, "resources/read", params, asker, trace)

    async def prompt(self, params: Mapping[str, Any], asker: Asker, trace: TraceIds | None, reaches: Reaches) -> Any:
        """The result of `prompts/get`. Raises UpstreamError, CallFailed."""
        await self._upstreams.settle()
        member, own_name = self._prompt(str(params["name"]), reaches)
        return await self._send(member, "prompts/get", {**params, "name": own_name}, asker, trace)

    async def complete(self, params: Mapping[str, Any], asker: Asker, trace: TraceIds | None, reaches: Reaches) -> Any:
        """The result of `completion/complete`. Raises UpstreamError, CallFailed."""
        await self._upstreams.settle()
        ref: Mapping[str, Any] = params["ref"]
        if ref.get("type") == "ref/prompt":
            member, own_name = self._prompt(str(ref.get("name")), reaches)
            ref = {**ref, "name": own_name}
        else:
            member = await self._owner_of(str(ref.get("uri")), reaches)
        return await self._send(member, "completion/complete", {**params, "ref": ref}, asker, trace)

    async def watch(self, uri: str, reaches: Reaches) -> None:
        """Has the upstream of a resource tell of its changes. Raises UpstreamError, CallFailed."""
        await (await self._owner_of(uri, reaches)).watch(uri)

    async def unwatch(self, uri: str) -> None:
        """No more, by whichever upstream."""
        for member in self._upstreams.members.values():
            await member.unwatch(uri)

    async def set_level(self, level: str) -> None:
        """Tells the upstreams that log to their clients from which level on."""
        for member in self._upstreams.members.values():
            if (link := member.connection.current) and "logging" in link.capabilities and not link.is_modern:
                await link.request("logging/setLevel", {"level": level})

    async def _send(
        self, member: Member, method: str, params: Mapping[str, Any], asker: Asker, trace: TraceIds | None
    ) -> dict[str, Any]:
        sent = {**params, "_meta": handed_on(asker.client, trace)}
        return (await exchange(member.connection, method, sent, asker)).result

    async def _owner_of(self, uri: str, reaches: Reaches) -> Member:
        """Who lists this resource or template, else who has a template that it fits, else the only one there is."""
        await self._upstreams.settle()
        members = [*self._members(reaches)]
        for member in members:
            if uri in member.shelf.resources or uri in member.shelf.templates:
                return member
        for member in members:
            if any(_fits(uri, template) for template in member.shelf.templates):
                return member
        able = [member for member in members if "resources" in (member.capabilities or {})]
        if len(able) == 1:
            return able[0]
        raise _unknown(f"There is no resource {uri[:URI_CHARS]}.")

    def _prompt(self, name: str, reaches: Reaches) -> tuple[Member, str]:
        found = self._prompt_names(reaches).get(name)
        if found is None:
            raise _unknown(f"Unknown prompt: {name[:URI_CHARS]}")
        return found

    def _prompt_names(self, reaches: Reaches) -> dict[str, tuple[Member, str]]:
        members = self._upstreams.members
        own_names = {name: member.shelf.prompts for name, member in members.items()}
        offered = offered_names(own_names, self._upstreams.prefixes, taken=())
        return {each.name: (members[each.upstream], each.own_name) for each in offered if reaches(each.upstream)}

    def _members(self, reaches: Reaches) -> "Iterator[Member]":
        return (member for name, member in self._upstreams.members.items() if reaches(name))

    def _tell(self, message: str) -> None:
        if message not in self._told and len(self._told) < 1000:
            self._told.add(message)
            log.warning("%s", message)


def _unknown(message: str) -> UpstreamRefused:
    return UpstreamRefused(RpcError(code=INVALID_PARAMS, message=message))


def _fits(uri: str, template: str) -> bool:
    """Whether a URI may be made of a template (RFC 6570): what stands outside its expressions must be there."""
    parts = re.split(r"\{[^{}]*\}", template)
    place = len(parts[0])
    if not uri.startswith(parts[0]) or not uri.endswith(parts[-1]):
        return False
    for part in parts[1:]:
        found = uri.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True

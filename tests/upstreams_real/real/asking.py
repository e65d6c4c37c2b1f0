"""Asks a server, by itself or behind lambdascope, and gives what comes back as it was on the wire."""

import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import mcp.types as t
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter

LAMBDASCOPE = (sys.executable, "-m", "lambdascope_proxy.cli")
WIRE = TypeAdapter(dict[str, Any])
# Of the newest revision alone: a server of an older one gets them when it stands behind a proxy that speaks both.
OF_THE_ERA = {"resultType", "ttlMs", "cacheScope"}
OURS = ("dev.lambdascope/", "io.modelcontextprotocol/")
LISTS: Mapping[str, type[Any]] = {
    "tools": t.ListToolsRequest,
    "resources": t.ListResourcesRequest,
    "resourceTemplates": t.ListResourceTemplatesRequest,
    "prompts": t.ListPromptsRequest,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How a server is reached: a command with its environment, or a URL."""

    command: tuple[str, ...] = ()
    url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def behind_lambdascope(self, *options: str, **settings: str) -> "Server":
        """The same through `lambdascope wrap`."""
        wrapped = (self.url,) if self.url else ("--", *self.command)
        return Server(command=(*LAMBDASCOPE, "wrap", *options, *wrapped), environment={**self.environment, **settings})


@dataclass(slots=True)
class Asked:
    """A client that answers what it is asked, and what it heard."""

    client: Client
    progress: list[tuple[float, float | None, str | None]] = field(default_factory=list[Any])

    async def send(self, request: Any) -> dict[str, Any]:
        """The result of a request, or the error that it was answered with."""
        try:
            return bare(await self.client.session.send_request(request, WIRE, progress_callback=self._hear))
        except MCPError as error:
            return {"error": error.error.model_dump(by_alias=True, exclude_none=True)}

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a tool call."""
        params = t.CallToolRequestParams(name=tool, arguments=dict(arguments))
        return await self.send(t.CallToolRequest(params=params))

    async def listed(self, kind: str) -> list[dict[str, Any]]:
        """A whole list; empty where the server has no such thing."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = await self.send(LISTS[kind](params=t.PaginatedRequestParams(cursor=cursor)))
            found += [bare(entry) for entry in page.get(kind, [])]
            cursor = page.get("nextCursor")
            if cursor is None:
                return found

    async def read(self, uri: str) -> dict[str, Any]:
        """What a resource holds."""
        return await self.send(t.ReadResourceRequest(params=t.ReadResourceRequestParams(uri=uri)))

    async def prompt(self, name: str, arguments: Mapping[str, str]) -> dict[str, Any]:
        """A prompt, filled in."""
        params = t.GetPromptRequestParams(name=name, arguments=dict(arguments))
        return await self.send(t.GetPromptRequest(params=params))

    async def complete(self, reference: Mapping[str, str], name: str, value: str) -> dict[str, Any]:
        """What an argument could be."""
        params = {"ref": reference, "argument": {"name": name, "value": value}}
        return await self.send(t.CompleteRequest(params=t.CompleteRequestParams.model_validate(params)))

    async def _hear(self, progress: float, total: float | None, message: str | None) -> None:
        self.progress.append((progress, total, message))


def bare(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result without what lambdascope and the protocol's newest revision add to it."""
    kept = {name: value for name, value in result.items() if name not in OF_THE_ERA}
    meta = {name: value for name, value in kept.pop("_meta", {}).items() if not name.startswith(OURS)}
    return {**kept, **({"_meta": meta} if meta else {})}


@asynccontextmanager
async def asking(server: Server, mode: str = "auto") -> AsyncGenerator[Asked]:
    """A client of a server, which accepts every elicitation, samples the same text, and has one root."""
    target: Any = server.url
    if server.command:
        command, *arguments = server.command
        target = StdioServerParameters(command=command, args=arguments, env=dict(server.environment))
    client = Client(
        target,
        mode=mode,
        cache=None,
        client_info=t.Implementation(name="real-upstreams", version="7"),
        elicitation_callback=_accept,
        sampling_callback=_sample,
        list_roots_callback=_roots,
    )
    async with client:
        yield Asked(client)


async def _accept(context: Any, params: Any) -> t.ElicitResult:
    return t.ElicitResult(action="accept", content={"name": "Ada", "check": True})


async def _sample(context: Any, params: Any) -> t.CreateMessageResult:
    return t.CreateMessageResult(role="assistant", content=t.TextContent(type="text", text="Sampled."), model="none")


async def _roots(context: Any) -> t.ListRootsResult:
    return t.ListRootsResult(roots=[t.Root(uri="file:///root", name="root")])

"""The same questions to a server by itself and behind lambdascope."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from real.asking import Server, asking

Said = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """Resources to read, prompts to fill in, and arguments to complete."""

    uris: tuple[str, ...] = ()
    prompts: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    completions: tuple[tuple[Mapping[str, str], str, str], ...] = ()


async def tools_said(server: Server, calls: Mapping[str, list[Mapping[str, Any]]], mode: str) -> Said:
    """Each tool as it is listed, what each call gives, and the progress it reports."""
    async with asking(server, mode) as asked:
        said: Said = {f"tool {tool['name']}": tool for tool in await asked.listed("tools")}
        for name, several in calls.items():
            for number, arguments in enumerate(several):
                asked.progress.clear()
                said[f"call {name} {number}"] = await asked.call(name, arguments)
                said[f"progress of {name} {number}"] = list(asked.progress)
    return said


async def documents_said(server: Server, documents: Documents, mode: str) -> Said:
    """Resources, templates and prompts as they are listed and read, and what arguments could be."""
    said: Said = {}
    async with asking(server, mode) as asked:
        for kind in ("resources", "resourceTemplates", "prompts"):
            said |= {f"{kind} {entry['name']}": entry for entry in await asked.listed(kind)}
        for uri in documents.uris:
            said[f"read {uri}"] = await asked.read(uri)
        for name, arguments in documents.prompts.items():
            said[f"prompt {name}"] = await asked.prompt(name, arguments)
        for reference, name, value in documents.completions:
            said[f"complete {name} of {reference}"] = await asked.complete(reference, name, value)
    return said


def differences(direct: Said, proxied: Said) -> list[str]:
    """Whatever lambdascope does not give as the server does, which is to be nothing."""
    return [
        f"{key}: {said} by itself, {proxied.get(key, 'nothing')} behind lambdascope"
        for key, said in direct.items()
        if proxied.get(key) != said
    ]


def uncalled(direct: Said, calls: Mapping[str, Any]) -> set[str]:
    """Tools that are listed and for which there is no call, or the other way round."""
    return {key.removeprefix("tool ") for key in direct if key.startswith("tool ")} ^ set(calls)


def without(said: Said, tools: set[str]) -> Said:
    """What was said, but for the calls of some tools."""
    return {key: value for key, value in said.items() if not {f"call {name} 0" for name in tools} & {key}}


def cannot_ask(said: Said, tools: set[str]) -> set[str]:
    """Which of these tools fail, saying that a server of an older revision cannot ask a client of the newest."""
    return {
        name
        for name in tools
        if said[f"call {name} 0"].get("isError") and "without requests of a server" in str(said[f"call {name} 0"])
    }

"""Upstreams and their tools, as tables for people and as data for programs."""

from collections.abc import Sequence
from typing import Any

from lambdascope_proxy.printing import print_line, print_table
from lambdascope_proxy.upstreams.listing import Offered
from lambdascope_proxy.upstreams.looking import Seen


def upstreams_as_data(seen: Sequence[Seen], offered: Sequence[Offered]) -> list[dict[str, Any]]:
    """One object for each; `renamed` are those of `tools` whose name here is not prefix and own name."""
    return [
        {
            "name": each.spec.name,
            "transport": "http" if each.spec.url else "stdio",
            "protocol_version": each.protocol_version or None,
            "server": each.server or None,
            "tools": {tool.name: tool.own_name for tool in _of(each, offered)},
            "renamed": [tool.name for tool in _of(each, offered) if tool.is_renamed],
            "denied": list(each.denied),
            "set_aside": {aside.name: aside.reason for aside in each.set_aside},
            "failure": each.failure or None,
        }
        for each in seen
    ]


def print_upstreams(seen: Sequence[Seen], offered: Sequence[Offered]) -> None:
    """A table of the upstreams, what is wrong, then one of the tools."""
    columns = ["name", "reached", "speaks", "server", "tools", "denied", "set aside"]
    rows = [
        (each.spec.name, each.place, each.protocol_version, each.server, len(each.admitted), *_counts(each))
        for each in seen
    ]
    print_table("Upstreams", columns, rows)
    for line in _remarks(seen, offered):
        print_line(line)
    if offered:
        tools = [(tool.name, tool.upstream, tool.own_name) for tool in offered]
        print_table("Tools", ["name here", "upstream", "its own name"], tools)


def _counts(seen: Seen) -> tuple[int, int]:
    return len(seen.denied), len(seen.set_aside)


def _remarks(seen: Sequence[Seen], offered: Sequence[Offered]) -> list[str]:
    lines: list[str] = []
    for each in seen:
        name = each.spec.name
        lines += [f"{name} cannot be used: {each.failure}"] if each.failure else []
        lines += [f"{name}: denied are {', '.join(each.denied)}"] if each.denied else []
        lines += [f"{name}: {aside.name} is set aside: {aside.reason}" for aside in each.set_aside]
        lines += [
            f"{name}: {tool.own_name} is called {tool.name}, as its own name is taken or unfit"
            for tool in _of(each, offered)
            if tool.is_renamed
        ]
    return [*lines, ""] if lines else []


def _of(seen: Seen, offered: Sequence[Offered]) -> list[Offered]:
    return [tool for tool in offered if tool.upstream == seen.spec.name]

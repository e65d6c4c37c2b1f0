"""Reads the configuration of an MCP client: JSON, with the comments and trailing commas that VS Code allows."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

# A string is matched first and kept, so that what looks like a comment within it stays.
_OUTSIDE_STRINGS: Final = re.compile(r'("(?:[^"\\]|\\.)*+")|//[^\r\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])', re.DOTALL)
# Where clients keep their servers: most of them, VS Code's mcp.json, and its settings.json.
_PLACES: Final = (("mcpServers",), ("servers",), ("mcp", "servers"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFile:
    """The servers of a client's file as they stand there, and the name of the member that holds them."""

    servers: Mapping[str, object]
    member: str


def read_client_file(text: str) -> ClientFile:
    """What a client's configuration says. Raises: ValueError that says what is wrong with it."""
    try:
        document: object = json.loads(_plain(text))
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error}") from error
    except RecursionError:
        raise ValueError("is no JSON that could be read: it nests too deeply") from None
    for path, servers in _found(document):
        return ClientFile(servers=servers, member=".".join(path))
    raise ValueError(f'holds no servers: neither "mcpServers" nor "servers" is an object in it{_elsewhere(document)}')


def _plain(text: str) -> str:
    without_comments = _OUTSIDE_STRINGS.sub(lambda found: found[1] or " ", text.removeprefix("\ufeff"))
    return _TRAILING_COMMA.sub(lambda found: found[1] or "", without_comments)


def _found(document: object) -> Iterator[tuple[tuple[str, ...], Mapping[str, object]]]:
    for path in _PLACES:
        value = document
        for member in path:
            value = cast("dict[str, Any]", value).get(member) if isinstance(value, dict) else None
        if isinstance(value, dict):
            yield path, cast("dict[str, object]", value)


def _elsewhere(document: object) -> str:
    """Claude Code keeps the servers of one project under its path in the same file."""
    projects: object = cast("dict[str, Any]", document).get("projects") if isinstance(document, dict) else None
    if not isinstance(projects, dict):
        return ""
    return '; those of a project under "projects" are not read: use the project\'s .mcp.json'

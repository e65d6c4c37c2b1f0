"""One server of a client's configuration as a table of ours."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final, cast

from lambdascope_proxy.upstreams.naming import LAUNCHERS
from lambdascope_proxy.upstreams.secrets import Secrets

# Windsurf and Gemini CLI have names of their own.
_URLS: Final = ("url", "serverUrl", "httpUrl")
_TOOLS: Final = {"includeTools": "allow", "excludeTools": "deny", "disabledTools": "deny"}
_READ: Final = frozenset({"command", "args", "env", "cwd", "headers", "type", "transport", "disabled", *_URLS, *_TOOLS})
# Of no use to a server in the middle: names for people, and what the client itself approves.
_CLIENTS_OWN: Final = frozenset({"name", "description", "icon", "version", "gallery", "autoApprove", "alwaysAllow"})
_SSE: Final = "it speaks HTTP+SSE, which Streamable HTTP replaced in 2025: ask its maker for that address"


class NotImported(Exception):
    """Why a server is left out."""


def read_entry(name: str, entry: object, secrets: Secrets) -> tuple[dict[str, Any], list[str]]:
    """The table of one server, called `name` here, and notes on what was lost. Raises: NotImported, ValueError."""
    if not isinstance(entry, dict):
        raise NotImported("it is no object")
    given = cast("dict[str, Any]", entry)
    if _is_ours(name, given):
        raise NotImported("it is lambdascope itself")
    if given.get("disabled") is True:
        raise NotImported("it is disabled")
    address = next((given[key] for key in _URLS if given.get(key)), None)
    table = _over_http(name, address, given, secrets) if address is not None else _over_stdio(name, given, secrets)
    for key, ours in _TOOLS.items():
        if tools := _texts(given.get(key), key):
            table[ours] = [*table.get(ours, []), *tools]
    lost = sorted(set(given) - _READ - _CLIENTS_OWN)
    return table, [f"{key} is not carried over{_HINTS.get(key, '')}" for key in lost]


_HINTS: Final = {
    "timeout": ": see timeout_s",
    "envFile": ": set its variables for lambdascope, and name them in env",
}


def _over_stdio(name: str, given: Mapping[str, Any], secrets: Secrets) -> dict[str, Any]:
    command = given.get("command")
    if not isinstance(command, str) or not command.strip():
        raise NotImported("it has neither a command nor a URL")
    words = _texts(given.get("args"), "args")
    table: dict[str, Any] = {"command": secrets.in_words(name, [command, *words])}
    if env := _named_texts(given.get("env"), "env"):
        table["env"] = {key: secrets.in_variable(name, key, value) for key, value in env.items()}
    if directory := given.get("cwd"):
        table["cwd"] = secrets.in_words(name, _texts([directory], "cwd"))[0]
    return table


def _over_http(name: str, address: object, given: Mapping[str, Any], secrets: Secrets) -> dict[str, Any]:
    url = _texts([address], "url")[0]
    kind = given.get("type") or given.get("transport")
    if kind == "sse" or (kind is None and re.search(r"/sse/?(?:\?|\Z)", url)):
        raise NotImported(_SSE)
    table: dict[str, Any] = {"url": secrets.in_url(name, url)}
    if headers := _named_texts(given.get("headers"), "headers"):
        table["headers"] = {key: secrets.in_header(name, key, value) for key, value in headers.items()}
    return table


def _is_ours(name: str, given: Mapping[str, Any]) -> bool:
    """Whether it starts lambdascope, which would then stand in front of itself."""
    command = given.get("command")
    if not isinstance(command, str):
        return name == "lambdascope"
    program = _program(command)
    later = given.get("args")
    words = [str(word) for word in cast("list[Any]", later)] if isinstance(later, list) else []
    return program == "lambdascope" or (program in LAUNCHERS and any(_program(word) in _OUR_PROGRAMS for word in words))


_OUR_PROGRAMS: Final = frozenset({"lambdascope", "lambdascope_proxy", "lambdascope_proxy.cli"})


def _program(word: str) -> str:
    last = PurePosixPath(word.replace("\\", "/")).name
    return re.split(r"[@=\[<>~!]", last.removesuffix(".exe"))[0]


def _texts(value: object, key: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise NotImported(f"its {key} is no list")
    return [_text(item, key) for item in cast("Sequence[object]", value)]


def _named_texts(value: object, key: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NotImported(f"its {key} is no object")
    named = cast("dict[str, object]", value)
    return {name: _text(item, key) for name, item in named.items() if item is not None}


def _text(value: object, key: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise NotImported(f"its {key} holds something else than texts")
    text = str(value)
    if not text.isascii() and not _is_unicode(text):
        raise NotImported(f"its {key} holds half a character")
    return text


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)

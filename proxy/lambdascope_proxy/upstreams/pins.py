"""What a tool of an upstream was when it was accepted, and whether it still is. Pure.

An upstream can change what a tool says of itself after somebody looked at it, and a model believes what it says.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from lambdascope_proxy.upstreams.spec import Upstream

# What a model reads, or a client goes by. Icons and `_meta` are neither.
PINNED_FIELDS: Final = ("title", "description", "inputSchema", "outputSchema", "annotations")
SHOWN_CHARS: Final = 500
# Who writes both texts of a swap finds two with equal halves of a hash; of 128 bits nobody does.
DIGEST_CHARS: Final = 32
_IDENTITY_CHARS: Final = 16
# What neither a shell nor a model takes for more than a name.
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,63}")


class State(StrEnum):
    """How a tool stands to what was accepted of it."""

    PINNED = "pinned"
    FIRST_SIGHT = "first sight"
    CHANGED = "changed"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A definition by the digests of its fields; `description` is the beginning of that text, for people."""

    fields: Mapping[str, str]
    description: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be said of one tool: its state, its definition now, and which fields are not as accepted."""

    tool: str
    state: State
    pin: Pin
    changed_fields: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What it is approved by."""
        return shown_digest(self.tool, self.pin)

    @property
    def is_accepted(self) -> bool:
        """Whether it may be used as it is; first sight is trusted."""
        return self.state in {State.PINNED, State.FIRST_SIGHT}


def judge(pins: Mapping[str, Pin] | None, tools: Iterable[Mapping[str, Any]], at: str = "") -> tuple[Verdict, ...]:
    """A verdict on each tool of a list; `pins` is None for an upstream that was never seen."""
    return tuple(_judge_one(pins, tool, at) for tool in tools)


def pin_of(tool: Mapping[str, Any], at: str = "") -> Pin:
    """The definition of a tool as it came; a field that is null counts as missing."""
    fields = {name: digest_of(tool[name]) for name in PINNED_FIELDS if tool.get(name) is not None}
    return Pin(fields=fields, description=str(tool.get("description") or "")[:SHOWN_CHARS], at=at)


def digest_of(value: object) -> str:
    """SHA-256 of canonical JSON: the order of keys does not matter, that of lists does."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def shown_digest(tool: str, pin: Pin) -> str:
    """One digest of a tool's name and all its fields, for people to compare."""
    return digest_of([tool, dict(pin.fields)])[:DIGEST_CHARS]


def command_for(upstream: str, tool: str, digest: str = "") -> str:
    """The command that approves a tool as it was looked at; safe to paste, whatever the tool is called."""
    if _PLAIN_NAME.fullmatch(tool):
        return f"lambdascope upstreams approve {upstream}/{tool}{f'@{digest}' if digest else ''}"
    return f"lambdascope upstreams {f'approve {upstream}/@{digest}' if digest else f'pins {upstream}'}"


def quoted(tool: str) -> str:
    """The name as log lines may have it: what is more than a name stands in quotes."""
    return tool if _PLAIN_NAME.fullmatch(tool) else repr(tool)


def identity_of(spec: Upstream) -> str:
    """What tells two upstreams of one name apart: the command, or the address without what may be secret in it."""
    address = urlsplit(spec.url)
    return digest_of([*spec.command, spec.cwd, address.scheme, address.hostname, address.port, address.path])[
        :_IDENTITY_CHARS
    ]


def _judge_one(pins: Mapping[str, Pin] | None, tool: Mapping[str, Any], at: str) -> Verdict:
    name, now = str(tool["name"]), pin_of(tool, at)
    if pins is None:
        return Verdict(tool=name, state=State.FIRST_SIGHT, pin=now)
    accepted = pins.get(name)
    if accepted is None:
        return Verdict(tool=name, state=State.NEW, pin=now, changed_fields=tuple(now.fields))
    changed = tuple(field for field in PINNED_FIELDS if accepted.fields.get(field) != now.fields.get(field))
    return Verdict(tool=name, state=State.CHANGED if changed else State.PINNED, pin=now, changed_fields=changed)

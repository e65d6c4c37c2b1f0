"""What a tool of an upstream was when it was accepted, and whether it still is. Pure.

An upstream can change what a tool says of itself after somebody looked at it, and a model believes what it says.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from lambdascope_proxy.upstreams.spec import Upstream

# What a model reads, or a client goes by. Icons and `_meta` are neither.
PINNED_FIELDS: Final = ("title", "description", "inputSchema", "outputSchema", "annotations")
SHOWN_CHARS: Final = 500
DIGEST_CHARS: Final = 16


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

    @property
    def digest(self) -> str:
        """One digest of all of it."""
        return digest_of(dict(self.fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be said of one tool: its state, its definition now, and which fields are not as accepted."""

    tool: str
    state: State
    pin: Pin
    changed_fields: tuple[str, ...] = ()

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
    """Of canonical JSON: the order of keys does not matter, that of lists does."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARS]


def identity_of(spec: Upstream) -> str:
    """What tells two upstreams of one name apart: the command, or the address without what may be secret in it."""
    address = urlsplit(spec.url)
    return digest_of([*spec.command, spec.cwd, address.scheme, address.hostname, address.port, address.path])


def _judge_one(pins: Mapping[str, Pin] | None, tool: Mapping[str, Any], at: str) -> Verdict:
    name, now = str(tool["name"]), pin_of(tool, at)
    if pins is None:
        return Verdict(tool=name, state=State.FIRST_SIGHT, pin=now)
    accepted = pins.get(name)
    if accepted is None:
        return Verdict(tool=name, state=State.NEW, pin=now, changed_fields=tuple(now.fields))
    changed = tuple(field for field in PINNED_FIELDS if accepted.fields.get(field) != now.fields.get(field))
    return Verdict(tool=name, state=State.CHANGED if changed else State.PINNED, pin=now, changed_fields=changed)

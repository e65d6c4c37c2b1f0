"""Messages that are nearly JSON-RPC: valid ones of both eras with something of them broken, as bytes."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

MODERN = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "fuzz", "version": "1"},
}
METHODS: list[tuple[str, dict[str, Any]]] = [
    ("tools/call", {"name": "echo", "arguments": {"say": "hello"}}),
    ("tools/call", {"name": "fail", "arguments": {}}),
    ("tools/call", {"name": "query_history", "arguments": {"sql": "SELECT 1"}}),
    ("tools/call", {"name": "no such tool"}),
    ("tools/list", {}),
    ("resources/list", {"cursor": "0"}),
    ("resources/read", {"uri": "lambdascope://history/schema"}),
    ("resources/templates/list", {}),
    ("prompts/list", {}),
    ("prompts/get", {"name": "any", "arguments": {"a": "b"}}),
    ("completion/complete", {"ref": {"type": "ref/prompt", "name": "any"}, "argument": {"name": "a", "value": "b"}}),
    ("ping", {}),
    ("logging/setLevel", {"level": "debug"}),
    ("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "f", "version": "1"}}),
    ("server/discover", {}),
    ("notifications/cancelled", {"requestId": 3, "reason": "no"}),
    ("notifications/progress", {"progressToken": 1, "progress": 0.5}),
    ("notifications/roots/list_changed", {}),
    ("no/such/method", {}),
]
DEEP = 3000
ODD: list[Any] = [
    None, True, -1, 0, 2**63, 10**400, 1e308, -0.0, "", " ", "\x00", "\ud800", "\u202e", "a" * 5000, "../../etc/passwd",
    "' OR 1=1 --", "${HOME}", [], {}, [[]], {"": None}, {"__proto__": {}}, {"a": {"b": [1, {"c": "d"}]}},
]  # fmt: skip
odd_values = st.sampled_from(ODD) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ids = st.sampled_from([0, 1, 1, "1", -5, 2**70, 1.5, None, True, "", "x" * 300, [], {}, "\ud83d"]) | st.integers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a line must be answered with: a message with this id, or nothing that has an id of its own."""

    request_id: int | str | None
    is_certain: bool


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place within a document but the whole."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))


@st.composite
def documents(draw: st.DrawFn, era: str) -> Any:
    """A message, with up to three of its places replaced, taken out or joined by another."""
    method, params = draw(st.sampled_from(METHODS))
    message: dict[str, Any] = {"jsonrpc": "2.0", "id": draw(ids), "method": method, "params": copy.deepcopy(params)}
    if era == MODERN:
        message["params"]["_meta"] = copy.deepcopy(META)
    if method.startswith("notifications/") or draw(st.integers(0, 9)) == 0:
        del message["id"]
    for _ in range(draw(st.integers(0, 3))):
        *way, last = draw(st.sampled_from(list(places(message))))
        inner: Any = message
        for step in way:
            inner = inner.get(step) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            change = draw(st.sampled_from(["replace", "remove", "add"]))
            if change == "remove":
                inner.pop(last, None)
            else:
                inner[last if change == "replace" else draw(st.text(max_size=10))] = copy.deepcopy(draw(odd_values))
    return message


@st.composite
def bodies(draw: st.DrawFn, era: str) -> bytes:
    """A message as bytes, whole or broken."""
    document = draw(documents(era))
    shape = draw(st.sampled_from(["whole"] * 6 + ["cut", "bytes", "batch", "deep", "twice", "odd"]))
    if shape == "odd":
        document = draw(odd_values)
    elif shape == "batch":
        document = [document, draw(documents(era))]
    text = json.dumps(document, ensure_ascii=draw(st.booleans()))
    raw = text.encode(errors="surrogatepass")
    if shape == "deep":
        return raw[:-1] + b',"deep":' + b"[" * DEEP + b"]" * DEEP + b"}"
    if shape == "twice":
        return raw[:-1] + b',"method":"ping"}'
    if shape == "cut":
        return raw[: draw(st.integers(0, len(raw)))]
    if shape == "bytes":
        at = draw(st.integers(0, len(raw)))
        return raw[:at] + draw(st.binary(min_size=1, max_size=6)) + raw[at:]
    return raw


def expected(line: bytes) -> Expected:
    """What a line must be answered with, where that is certain: it is a request whose id anyone can read."""
    unknown = Expected(request_id=None, is_certain=False)
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return unknown
    if not isinstance(document, dict):
        return unknown
    request_id = document.get("id")
    is_plain = (type(request_id) is int and abs(request_id) < 2**53) or (
        isinstance(request_id, str) and request_id.isascii()
    )
    is_request = isinstance(document.get("method"), str) and "result" not in document and "error" not in document
    return Expected(request_id=request_id, is_certain=True) if is_plain and is_request else unknown

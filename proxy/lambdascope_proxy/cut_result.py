"""Cuts another server's result to a size. Pure.

Only text is cut. What clients parse (structured content, pictures, resources) is whole or not there: half of it is
nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A result that is longer than the limit: `text` is what can be read on, `size` how many bytes there are.

    `content` has its blocks with the text cut to `shown` characters; None where cutting text does not make it fit.
    """

    text: str
    size: int
    shown: int = 0
    content: list[Any] | None = None


def cut(wire: Mapping[str, Any], most_bytes: int) -> Cut | None:
    """What is left of a result of more than `most_bytes`; None when it fits."""
    blocks = _blocks(wire)
    text = "\n".join(str(block["text"]) for block in blocks if _is_text(block))
    others = [block for block in blocks if not _is_text(block)]
    structured = wire.get("structuredContent")
    rest_bytes = _bytes_of(others) + (_bytes_of(structured) if structured is not None else 0)
    encoded = text.encode(errors="replace")
    size = len(encoded) + rest_bytes
    if size <= most_bytes:
        return None
    must_stay = structured is not None and wire.get("isError") is not True
    if must_stay or _bytes_of(others) > most_bytes:
        return Cut(text=text or json.dumps(structured if structured is not None else others), size=size)
    shown = encoded[:most_bytes].decode(errors="ignore")
    return Cut(text=text, size=size, shown=len(shown), content=_with_text(blocks, shown))


def _with_text(blocks: list[Any], shown: str) -> list[Any]:
    """The blocks, with one of this text in the place of the first that has text."""
    at = next((place for place, block in enumerate(blocks) if _is_text(block)), len(blocks))
    others = [block for block in blocks if not _is_text(block)]
    return [*others[:at], {"type": "text", "text": shown}, *others[at:]]


def _blocks(wire: Mapping[str, Any]) -> list[Any]:
    content = wire.get("content")
    return cast("list[Any]", content) if isinstance(content, list) else []


def _is_text(block: Any) -> bool:
    return isinstance(block, dict) and isinstance(cast("dict[str, Any]", block).get("text"), str)


def _bytes_of(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")) if value else 0

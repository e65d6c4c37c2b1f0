"""Writes tables of upstreams as TOML that people can read and edit."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def upstream_table(name: str, table: Mapping[str, Any]) -> str:
    """`[upstreams.NAME]` and its keys, one a line; values are texts, lists of texts and tables of texts."""
    lines = [f"[upstreams.{_key(name)}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: str | Sequence[str] | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(name)} = {_text(text)}" for name, text in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return f"[{', '.join(_text(text) for text in value)}]"


def _text(text: str) -> str:
    # The escapes of JSON are among those of TOML, which wants one more character escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

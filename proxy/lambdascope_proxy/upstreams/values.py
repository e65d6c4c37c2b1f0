"""How the value of one key of an `[upstreams.NAME]` table is read; what is wrong is a ValueError without secrets."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from lambdascope_proxy.upstreams.references import resolve

DEAREST: Final = 10_000
# As many as the history keeps.
DECIMALS: Final = Decimal("1e-12")
# https://www.rfc-editor.org/rfc/rfc9110#name-tokens
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
_VARIABLE_NAME: Final = re.compile(r"[^=\0]+")
_PATTERN: Final = re.compile(r"[^\s,]+")
_PREFIX: Final = re.compile(r"[A-Za-z0-9_./-]{0,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a value may refer to: variables, and the directory that relative paths begin at."""

    environ: Mapping[str, str]
    directory: Path


Read = Callable[[Any, Surroundings], Any]


def words(value: Any, around: Surroundings) -> tuple[str, ...]:
    """A command and its arguments."""
    advice = 'takes a list of words, such as ["uvx", "some-mcp-server"]'
    given = _texts(value, advice)
    if not given or not given[0].strip():
        raise ValueError(advice)
    return tuple(_without_nul(resolve(word, around.environ)) for word in given)


def address(value: Any, around: Surroundings) -> str:
    """The URL of an MCP server."""
    advice = "takes a URL such as https://mcp.example.com/mcp"
    given = resolve(_text(value, advice), around.environ).strip()
    try:
        parts = urlsplit(given)
        is_complete = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_complete = False
    if not is_complete or re.search(r"[\x00-\x20\x7f]", given):
        raise ValueError(advice)
    return given


def variables(value: Any, around: Surroundings) -> dict[str, str]:
    """Environment variables by name."""
    given = _table(value, 'takes a table of texts, such as { API_TOKEN = "${API_TOKEN}" }')
    return {_named(name, _VARIABLE_NAME, "a variable"): _held(name, text, around) for name, text in given.items()}


def headers(value: Any, around: Surroundings) -> dict[str, str]:
    """HTTP headers by name."""
    given = _table(value, 'takes a table of texts, such as { Authorization = "Bearer ${API_TOKEN}" }')
    read = {_named(name, _HEADER_NAME, "a header"): _held(name, text, around).strip() for name, text in given.items()}
    for name, text in read.items():
        if not _HEADER_VALUE.fullmatch(text):
            raise ValueError(f"{name}: a header holds one line of ASCII text, without control characters")
    return read


def directory(value: Any, around: Surroundings) -> str:
    """A directory; a relative one begins where the file is."""
    given = resolve(_text(value, "takes the path of a directory"), around.environ)
    return str(around.directory / Path(_without_nul(given)).expanduser()) if given else ""


def patterns(value: Any, _: Surroundings) -> tuple[str, ...]:
    """Globs of tool names."""
    advice = 'takes a list of patterns of tool names, such as ["get_*", "search"]'
    given = _texts(value, advice)
    for pattern in given:
        if not _PATTERN.fullmatch(pattern):
            raise ValueError(f"{pattern!r} is no pattern: {advice}, each without spaces or commas (? stands for any)")
        if "[" in pattern and "]" not in pattern:
            raise ValueError(f"{pattern!r} has a '[' without ']'; write [[] for the character itself")
    return given


def prefix(value: Any, _: Surroundings) -> str:
    """What stands before a tool's own name."""
    advice = 'takes up to 64 letters, digits, _, -, . or /, such as "gh_"; "" leaves names as they are'
    given = _text(value, advice)
    if not _PREFIX.fullmatch(given):
        raise ValueError(advice)
    return given


def seconds(low: float, high: float) -> Read:
    """A number of seconds within bounds."""

    def read(value: Any, _: Surroundings) -> float:
        given = _number(value)
        if given is None or not low <= given <= high:
            raise ValueError(f"takes seconds from {low:g} to {high:g}")
        return float(given)

    return read


def price(value: Any, _: Surroundings) -> Decimal:
    """US dollars of one call."""
    given = _number(value)
    if given is None or not 0 <= given <= DEAREST or given != given.quantize(DECIMALS):
        raise ValueError(
            f"takes the US dollars of one call, such as 0.005: from 0 to {DEAREST}, with 12 decimals at most"
        )
    return given


def prices(value: Any, around: Surroundings) -> dict[str, Decimal]:
    """US dollars of one call by the upstream's tool."""
    given = _table(value, "takes a table of prices in US dollars, such as { search = 0.005 }")
    return {name: _price_of(name, each, around) for name, each in given.items()}


def _price_of(name: str, value: Any, around: Surroundings) -> Decimal:
    try:
        return price(value, around)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _held(name: str, value: Any, around: Surroundings) -> str:
    """The text under a name, with its references replaced."""
    try:
        return _without_nul(resolve(_text(value, "takes a text in quotes"), around.environ))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _named(name: str, form: re.Pattern[str], what: str) -> str:
    if not form.fullmatch(name):
        raise ValueError(f"{name!r} is no name of {what}")
    return name


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL character, which no program can be handed")
    return text


def _text(value: Any, advice: str) -> str:
    if not isinstance(value, str):
        raise ValueError(advice)
    return value


def _texts(value: Any, advice: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(advice)
    return tuple(_text(item, advice) for item in cast("list[Any]", value))


def _table(value: Any, advice: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(advice)
    return cast("dict[str, Any]", value)

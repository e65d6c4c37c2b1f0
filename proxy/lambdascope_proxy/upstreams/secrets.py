"""Takes the secrets out of what a client says of a server: each becomes a `${VARIABLE}` that somebody has to set."""

import re
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import urlsplit

from lambdascope_analytics.privacy.names import says_secret
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.upstreams.client_references import refers, translated

# Set for lambdascope these would change what it does itself, and with which account.
_OURS: Final = re.compile(r"AWS_|OTEL_|LAMBDASCOPE_|FUNCTION_|MCP_SERVER_PORT\Z|LOG_LEVEL\Z|PATH\Z|HOME\Z")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY: Final = re.compile(r"(?i)(?:\A|[_-])keys?\Z")
_SCHEME: Final = re.compile(r"(?i)((?:bearer|basic|token|apikey)\s+)(\S.*)", re.DOTALL)
_ASSIGNED: Final = re.compile(r"(-{0,2}[\w.-]+)=(.+)", re.DOTALL)
_PARAMETER: Final = re.compile(r"(?<=[?&])([^=&#]+)=([^&#]+)")


class Secrets:
    """The secrets of one file by the variables that are to hold them; `reserved` are variables the file refers to."""

    def __init__(self, reserved: Collection[str]) -> None:
        self._scrub = Scrubber().text
        self._reserved = frozenset(reserved)
        self.values: dict[str, str] = {}

    def in_variable(self, upstream: str, name: str, value: str) -> str:
        """The value of an environment variable of a server."""
        if not self._is_secret(name, value):
            return translated(value)
        is_free = _VARIABLE.fullmatch(name) and not _OURS.match(name)
        return self._hidden(name if is_free else _shouted(upstream, name), value)

    def in_header(self, upstream: str, name: str, value: str) -> str:
        """The value of an HTTP header; what stands before a token stays."""
        if not self._is_secret(name, value):
            return translated(value)
        scheme = _SCHEME.fullmatch(value)
        if scheme is None:
            return self._hidden(_shouted(upstream, name), value)
        return translated(scheme[1]) + self._hidden(_shouted(upstream, name), scheme[2])

    def in_words(self, upstream: str, words: Sequence[str]) -> list[str]:
        """The arguments of a command."""
        before = ["", *words]
        return [self._in_word(upstream, word, after) for word, after in zip(words, before, strict=False)]

    def in_url(self, upstream: str, url: str) -> str:
        """A URL: secrets in its query, or all of it where they stand elsewhere."""
        bare = _PARAMETER.sub(lambda found: "" if self._is_secret(found[1], found[2]) else found[0], url)
        if not refers(bare) and (urlsplit(bare).username or self._scrub(bare) != bare):
            return self._hidden(_shouted(upstream, "url"), url)
        pieces: list[str] = []
        done = 0
        for found in _PARAMETER.finditer(url):
            if self._is_secret(found[1], found[2]):
                hidden = self._hidden(_shouted(upstream, found[1]), found[2])
                pieces += (translated(url[done : found.start(2)]), hidden)
                done = found.end()
        return "".join(pieces) + translated(url[done:])

    def _in_word(self, upstream: str, word: str, after: str) -> str:
        is_value = after.startswith("-") and "=" not in after and not word.startswith("-")
        if is_value and _says_secret(after) and word and not refers(word):
            return self._hidden(_shouted(upstream, after), word)
        assigned = _ASSIGNED.fullmatch(word)
        if assigned and self._is_secret(assigned[1], assigned[2]):
            return f"{assigned[1]}={self._hidden(_shouted(upstream, assigned[1]), assigned[2])}"
        if not refers(word) and self._scrub(word) != word:
            return self._hidden(_shouted(upstream, "argument"), word)
        return translated(word)

    def _is_secret(self, name: str, value: str) -> bool:
        if not value or refers(value):
            return False
        return _says_secret(name) or self._scrub(value) != value or self._scrub(f"{name}={value}") != f"{name}={value}"

    def _hidden(self, name: str, value: str) -> str:
        """A reference to a variable with this value: of this name, or with a number behind it."""
        number, candidate = 1, name
        while candidate in self._reserved or self.values.get(candidate, value) != value:
            number += 1
            candidate = f"{name}_{number}"
        self.values[candidate] = value
        return f"${{{candidate}}}"


def _says_secret(name: str) -> bool:
    return says_secret(name) or _KEY.search(name) is not None


def _shouted(upstream: str, name: str) -> str:
    """A variable of this upstream, as variables are written."""
    variable = re.sub(r"[^A-Z0-9]+", "_", f"{upstream}_{name}".upper()).strip("_")
    return f"UPSTREAM_{variable}" if _OURS.match(variable) or not variable[:1].isalpha() else variable

"""Puts values in the place of Grafana's variables, as its Prometheus data source does. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from stack.errors import UnresolvedError

Values = Mapping[str, str]
# Grafana's own. A run lasts a minute or two: its rates are taken over a minute, its ranges over ten.
BUILT_IN: Final[Values] = {
    "__interval": "15s",
    "__interval_ms": "15000",
    "__rate_interval": "1m",
    "__rate_interval_ms": "60000",
    "__range": "10m",
    "__range_s": "600",
    "__range_ms": "600000",
}
# $name, ${name}, ${name:format} and [[name]]. `$1` of label_replace is none of them.
VARIABLE: Final = re.compile(r"\$(?P<plain>[A-Za-z_]\w*)|\$\{(?P<braced>\w+)(?::\w+)?\}|\[\[(?P<old>\w+)(?::\w+)?\]\]")
SPECIAL: Final = re.compile(r"[\\^$*+?.()|{}\[\]]")


def substitute(text: str, values: Values) -> str:
    """The text with every variable replaced.

    Raises: UnresolvedError for a variable without a value.
    """
    known = {**BUILT_IN, **values}

    def value(found: re.Match[str]) -> str:
        name = found["plain"] or found["braced"] or found["old"]
        if name not in known:
            raise UnresolvedError(f"the dashboard has no variable ${name}, or none with a value")
        return known[name]

    return VARIABLE.sub(value, text)


def alternatives(values: Sequence[str]) -> str:
    """What a variable with several values becomes: a regular expression within a PromQL string."""
    escaped = [SPECIAL.sub(lambda found: rf"\\{found[0]}", value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"

"""Puts values in the place of Grafana's variables, as its Prometheus data source does. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from stack.errors import UnresolvedError

Values = Mapping[str, str]
# $name, ${name}, ${name:format} and [[name]]. `$1` of label_replace is none of them.
VARIABLE: Final = re.compile(r"\$(?P<plain>[A-Za-z_]\w*)|\$\{(?P<braced>\w+)(?::\w+)?\}|\[\[(?P<old>\w+)(?::\w+)?\]\]")
SPECIAL: Final = re.compile(r"[\\^$*+?.()|{}\[\]]")


def built_in(rate_s: int, range_s: int) -> dict[str, str]:
    """Grafana's own variables, for rates over so long and a dashboard that shows so much."""
    lengths = {"__interval": 15, "__rate_interval": rate_s, "__range": range_s}
    return (
        {name: f"{length}s" for name, length in lengths.items()}
        | {f"{name}_s": str(length) for name, length in lengths.items()}
        | {f"{name}_ms": f"{length}000" for name, length in lengths.items()}
    )


def substitute(text: str, values: Values) -> str:
    """The text with every variable replaced.

    Raises: UnresolvedError for a variable without a value.
    """

    def value(found: re.Match[str]) -> str:
        name = found["plain"] or found["braced"] or found["old"]
        if name not in values:
            raise UnresolvedError(f"the dashboard has no variable ${name}, or none with a value")
        return values[name]

    return VARIABLE.sub(value, text)


def alternatives(values: Sequence[str]) -> str:
    """What a variable with several values becomes: a regular expression within a PromQL string."""
    escaped = [SPECIAL.sub(lambda found: rf"\\{found[0]}", value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"

"""`${VARIABLE}` in the settings of an upstream: how secrets get there without standing in a file."""

import re
from collections.abc import Mapping
from typing import Final

_REFERENCE: Final = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")


def resolve(text: str, environ: Mapping[str, str]) -> str:
    """The text with `${NAME}` and `${NAME:-otherwise}` replaced; `$${` is a `${` that stays.

    An empty variable counts as unset. Raises: ValueError that names the variable, never a value.
    """
    return _REFERENCE.sub(lambda found: _value(found, environ), text)


def literal(text: str) -> str:
    """What resolves to this text, whatever stands in it."""
    return text.replace("${", "$${")


def _value(found: re.Match[str], environ: Mapping[str, str]) -> str:
    name, otherwise = found[1], found[2]
    if found[0] == "$${":
        return "${"
    if name is None:
        raise ValueError("'${' begins a reference such as ${API_TOKEN}; write '$${' for a '${' that stays")
    if value := environ.get(name):
        return value
    if otherwise is None:
        raise ValueError(
            f"the variable {name} is not set: set it where lambdascope is started (${{{name}:-}} if it may be empty)"
        )
    return otherwise

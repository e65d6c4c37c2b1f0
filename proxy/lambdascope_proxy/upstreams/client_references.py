"""The references to variables that clients know, `${env:X}` and their like, told in ours."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

from lambdascope_proxy.upstreams.references import literal

# Claude Code has ${X} and ${X:-otherwise}; Cursor and VS Code ${env:X}, ${userHome} and ${workspaceFolder}.
_PLAIN: Final = re.compile(r"(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?")
_REFERENCE: Final = re.compile(r"\$\{([^}]*)\}")
_PLACES: Final = {"userHome": "HOME", "workspaceFolder": "WORKSPACE_FOLDER"}


def refers(text: str) -> bool:
    """Whether there is a reference in it."""
    return _REFERENCE.search(text) is not None


def translated(text: str) -> str:
    """The text with its references told in ours and everything else literal. Raises: ValueError for an unknown one."""
    pieces: list[str] = []
    done = 0
    for found in _REFERENCE.finditer(text):
        before, ours = text[done : found.start()], _ours(found[1])
        if before.endswith("$") and ours.startswith("$"):
            raise ValueError(f"it has a '$' right before {found[0]}, which would be no reference any more")
        pieces += (before, ours)
        done = found.end()
    return "".join(pieces) + literal(text[done:])


def referred(value: object) -> dict[str, str]:
    """The variables that all references within a value of JSON become, each with the reference as the client has it."""
    if isinstance(value, str):
        named = ((_variable(reference[1]), reference[0]) for reference in _REFERENCE.finditer(value))
        return {variable: told for variable, told in named if variable}
    inner: Iterable[object] = ()
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, object]", value).values()
    elif isinstance(value, list):
        inner = cast("list[object]", value)
    return {variable: told for each in inner for variable, told in referred(each).items()}


def _ours(inner: str) -> str:
    if inner in {"/", "pathSeparator"}:
        return "/"
    variable, plain = _variable(inner), _PLAIN.fullmatch(inner)
    if not variable:
        raise ValueError(f"it refers to ${{{inner}}}, which only its client can fill in")
    otherwise = plain[2] or "" if plain and inner not in _PLACES else ""
    return f"${{{variable}{otherwise}}}"


def _variable(inner: str) -> str:
    if inner in _PLACES:
        return _PLACES[inner]
    if inner == "pathSeparator":
        return ""
    if asked := re.fullmatch(r"input:(.+)", inner):
        name = re.sub(r"[^A-Z0-9]+", "_", asked[1].upper()).strip("_")
        return name if name[:1].isalpha() else f"INPUT_{name}"
    plain = _PLAIN.fullmatch(inner)
    return plain[1] if plain else ""

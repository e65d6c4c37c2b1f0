"""Names for upstreams nobody has named: from the command that starts one, or from its host."""

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 32
# They start a program that is named by a later word.
LAUNCHERS: Final = frozenset(
    {"npx", "bunx", "pnpx", "npm", "pnpm", "yarn", "bun", "node", "tsx", "ts-node", "deno"}
    | {"uvx", "uv", "pipx", "python", "python3", "py"}
)
_THEIR_COMMANDS: Final = frozenset({"run", "exec", "tool", "x", "dlx"})
_UNFIT: Final = re.compile(r"[^a-z0-9_-]+")
# What is no program given as text, as to `python -c`.
_NAMING: Final = re.compile(r"[\w@./\\:=\[\]-]+")
_ENDING: Final = re.compile(r"\.(?:py|pyz|m?js|cjs|ts|jar|exe|cmd|bat|sh)\Z")


def name_of_command(words: Sequence[str]) -> str:
    """A name after the program that is really started: `npx -y @acme/orders-mcp@2` is orders-mcp."""
    program = fit(_stem(words[0]))
    if program not in LAUNCHERS:
        return program
    started = next((word for word in words[1:] if not word.startswith("-") and word not in _THEIR_COMMANDS), program)
    return fit(_stem(started)) if _NAMING.fullmatch(started) else program


def name_of_url(url: str) -> str:
    """A name after the host, and the port where there is one."""
    parts = urlsplit(url)
    return fit(f"{parts.hostname}-{parts.port}" if parts.port else str(parts.hostname))


def fit(text: str) -> str:
    """The text as a name of an upstream can be: what does not fit becomes a hyphen."""
    return _UNFIT.sub("-", text.lower()).strip("-_")[:LONGEST].rstrip("-_") or "upstream"


def free(name: str, taken: Collection[str]) -> str:
    """The name, or with a number behind it the first that is not taken."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name[: LONGEST - len(str(number)) - 1]}-{number}"
    return candidate


def _stem(word: str) -> str:
    """The last part of a path or scoped package, without version and file ending."""
    last = PurePosixPath(word.replace("\\", "/")).name
    return _ENDING.sub("", re.split(r"(?<=.)@|==|\[", last)[0])

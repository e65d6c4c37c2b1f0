"""API keys: made here, kept by the operator as hashes only, and recognised in constant time."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Final

PREFIX: Final = "lsk_"
_RANDOM_BYTES: Final = 32
# Keys of ours have 47 characters; nobody is made to hash a megabyte.
MOST_CHARS: Final = 128
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
_LINE: Final = re.compile(rf"(?P<name>{_NAME.pattern})\s+sha256:(?P<digest>[0-9a-fA-F]{{64}})(?:\s+#.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """One line of the keys file: whose key it is, and its SHA-256."""

    name: str
    digest: bytes


def new_key() -> str:
    """A key of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def line_of(name: str, key: str) -> str:
    """The line for the keys file. Raises: ValueError for a name that a line cannot carry."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a key: use up to 64 letters, digits, '.', '_', '@' and '-'")
    return f"{name} sha256:{_digest(key).hex()}"


def read_keys(text: str) -> tuple[KeyEntry, ...]:
    """The entries of a keys file; a name may stand on several lines, so that a key can be exchanged.

    Raises: ValueError with the number of the line that cannot be read; never what it says, which may be a key.
    """
    entries: list[KeyEntry] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        found = _LINE.fullmatch(stripped)
        if found is None:
            raise ValueError(f"line {number} is not `NAME sha256:<64 hex digits>`, as `lambdascope keys new` prints")
        entries.append(KeyEntry(name=found["name"], digest=bytes.fromhex(found["digest"])))
    return tuple(entries)


def holder_of(key: str, entries: Sequence[KeyEntry]) -> str | None:
    """The name whose key this is; looks at every entry, so that the time says nothing of where it stands."""
    if len(key) > MOST_CHARS:
        return None
    digest, holder = _digest(key), None
    for entry in entries:
        if compare_digest(entry.digest, digest):
            holder = entry.name
    return holder


def _digest(key: str) -> bytes:
    # A fast hash is right for 256 random bits: there is no dictionary of them to go through.
    return sha256(key.encode(errors="replace")).digest()

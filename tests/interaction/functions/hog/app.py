"""Takes more memory than it has."""

from typing import Any


def handler(event: Any, context: Any) -> Any:
    kept: list[bytearray] = []
    while True:
        kept.append(bytearray(b"x" * 1_000_000))

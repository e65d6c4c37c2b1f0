"""Outboxes with files in them, each different from all others."""

import os
from pathlib import Path

DAY = "calls/date=2026-11-20"


def parquet(size: int = 4096) -> bytes:
    """Bytes that begin and end as a Parquet file does."""
    return b"PAR1" + os.urandom(size - 8) + b"PAR1"


def fill(directory: Path, names: list[str], size: int = 4096) -> dict[str, bytes]:
    """Put files of these names into the outbox of a history; return what is in them."""
    contents = {name: parquet(size) for name in names}
    for name, content in contents.items():
        path = directory / "outbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return contents


def waiting(directory: Path) -> list[str]:
    """Names of the files in the outbox, whatever they are."""
    outbox = directory / "outbox"
    return sorted(path.relative_to(outbox).as_posix() for path in outbox.rglob("*") if path.is_file())

"""Which expressions may be without data, and why: read from without_data.toml."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from stack.places import HERE

FILE: Final = HERE / "without_data.toml"


def read_allowances(path: Path = FILE) -> dict[str, str]:
    """The reason of each place.

    Raises: ValueError for a place without a reason.
    """
    reasons: dict[str, str] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["without_data"]:
        if not entry.get("reason"):
            raise ValueError(f"{path.name}: {entry['place']} has no reason")
        reasons[entry["place"]] = entry["reason"]
    return reasons


def stale(allowances: Mapping[str, str], places: Iterable[str]) -> list[str]:
    """Allowed places that no dashboard and no rule has any more."""
    return sorted(set(allowances) - set(places))

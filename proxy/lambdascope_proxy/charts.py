"""Small charts for a terminal: a line of blocks that shows how a figure moved."""

import sys
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
# For terminals and pipes that cannot write the blocks.
PLAIN = "_.-=+*%#"


def sparkline(values: Sequence[float | None], *, levels: str | None = None) -> str:
    """One character for each value, between the smallest, or zero where that is below, and the largest.

    A value that is not known is a space, so that a gap does not look like a zero.
    """
    levels = levels or (BLOCKS if can_write(BLOCKS) else PLAIN)
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(0.0, *known), max(known)
    span = high - low
    return "".join(" " if value is None else levels[_level(value - low, span, len(levels))] for value in values)


def _level(above_low: float, span: float, count: int) -> int:
    if span <= 0:
        return 0
    # Anything above the low end is seen to be so, however small it is beside the largest.
    level = int(above_low / span * (count - 1))
    return level if level or above_low <= 0 else 1


def can_write(text: str) -> bool:
    """Whether stdout's encoding has these characters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True

"""Where rollups lie: each under the name of its segment, in a directory for what a rollup holds by now."""

from typing import Final

from lambdascope_analytics.store.directories import ROLLUPS, SEGMENTS

# Raised by one when what a rollup holds changes; those of other numbers are removed and made anew.
_NUMBER: Final = 3
ROLLUPS_OF_NOW: Final = f"{ROLLUPS}/{_NUMBER}"
ROLLED_FILES: Final = "*/*-settled.parquet"


def rollup_of(segment: str) -> str:
    """Return the path of the rollup of a segment, both within the history."""
    return f"{ROLLUPS_OF_NOW}/{segment.removeprefix(f'{SEGMENTS}/')}"


def segment_of(rollup: str) -> str:
    """Return the path of the segment a rollup is of, both within the history."""
    return f"{SEGMENTS}/{rollup.removeprefix(f'{ROLLUPS_OF_NOW}/')}"

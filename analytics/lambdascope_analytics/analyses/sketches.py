"""Percentiles from sketches: counts of values in buckets whose bounds grow by 2 %, so that none is off by over 1 %.

sql/store/sketch.sql makes them and says how they are packed. numpy is imported when first used.
"""

from collections.abc import Sequence
from typing import Any, Final

GAMMA: Final = 1.02
_BASE: Final = 700
_ZERO: Final = 32768
_PACKED: Final = [("bucket", ">u2"), ("calls", ">u4")]
_ENTRY_BYTES: Final = 6
# So many groups are worked on at a time, which bounds the memory.
_GROUPS_AT_ONCE: Final = 2000


def percentiles(
    groups: Sequence[Sequence[bytes]], shares: Sequence[float]
) -> tuple[list[int], list[tuple[float | None, ...]]]:
    """Return of each group of sketches how many values are in it, and what its quantiles at `shares` (0..1) are.

    Interpolated between neighbours as `quantile_cont` does; None where there is no value.
    """
    counts: list[int] = []
    found: list[tuple[float | None, ...]] = []
    for first in range(0, len(groups), _GROUPS_AT_ONCE):
        more, values = _percentiles(groups[first : first + _GROUPS_AT_ONCE], shares)
        counts += more
        found += values
    return counts, found


def _percentiles(
    groups: Sequence[Sequence[bytes]], shares: Sequence[float]
) -> tuple[list[int], list[tuple[float | None, ...]]]:
    import numpy as np

    entries = np.frombuffer(b"".join(sketch for group in groups for sketch in group), dtype=_PACKED)
    if not len(entries):
        return [0] * len(groups), [(None,) * len(shares)] * len(groups)
    sizes = [sum(len(sketch) for sketch in group) // _ENTRY_BYTES for group in groups]
    lowest = int(entries["bucket"].min())
    width = int(entries["bucket"].max()) - lowest + 1
    places = np.repeat(np.arange(len(groups)), sizes) * width + entries["bucket"] - lowest
    histogram = np.bincount(places, weights=entries["calls"], minlength=len(groups) * width)
    up_to = histogram.reshape(len(groups), width).cumsum(axis=1)
    values = _middles(np.arange(lowest, lowest + width))
    columns = [_quantile(up_to, values, share) for share in shares]
    counts = [int(count) for count in up_to[:, -1]]
    rows = zip(counts, zip(*columns, strict=True), strict=True)
    return counts, [row if count else (None,) * len(shares) for count, row in rows]


def _quantile(up_to: Any, values: Any, share: float) -> list[float]:
    import numpy as np

    place = share * np.maximum(up_to[:, -1] - 1, 0)
    below = np.floor(place)
    lower, upper = (values[_bucket_of(up_to, rank)] for rank in (below, np.ceil(place)))
    return (lower + (upper - lower) * (place - below)).tolist()


def _bucket_of(up_to: Any, rank: Any) -> Any:
    """The index of the bucket that holds the value of this rank, counted from 0, in each row."""
    import numpy as np

    return np.minimum((up_to <= rank[:, None]).sum(axis=1), up_to.shape[1] - 1)


def _middles(buckets: Any) -> Any:
    """The value of each bucket from which none in it is further than 1 %."""
    import numpy as np

    steps = buckets - _ZERO
    sizes = 2 * GAMMA ** (np.abs(steps) - float(_BASE)) / (GAMMA + 1)
    return np.where(steps == 0, 0.0, np.sign(steps) * sizes)

"""The histogram of total times: fine buckets of a constant ratio, merged until a person can take them in. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain, count, pairwise
from typing import Final

from lambdascope_analytics.analyses.latency_answer import Bin

# As the statement counts them.
BUCKETS_PER_DECADE: Final = 200
MOST_BINS: Final = 20
# Buckets in a bin, so that every power of ten is an edge, or every so many of them.
_WIDTHS: Final = (10, 20, 40, 50, 100)
_DECADE: Final = 200
# So much of the calls, or one of at least twenty, may lie beyond the fine bins on either side.
_OUTER: Final = 0.001


def histogram(buckets: Mapping[int, int]) -> tuple[Bin, ...]:
    """Return at most 20 bins of equal ratio, from the first with a call to the last, empty ones between included.

    Where a few calls far off would make all bins coarse, the first and the last are as wide as it takes to hold them.
    """
    if not buckets:
        return ()
    low, high = min(buckets), max(buckets)
    inner_low, inner_high = _inner(buckets)
    width, inner_width = _width(low, high, MOST_BINS), _width(inner_low, inner_high, MOST_BINS - 2)
    if inner_width >= width:
        return _bins(buckets, _edges(low, high, width))
    edges = _edges(inner_low, inner_high, inner_width)
    before, beyond = [low] if low < edges[0] else [], [high + 1] if high >= edges[-1] else []
    return _bins(buckets, [*before, *edges, *beyond])


def _inner(buckets: Mapping[int, int]) -> tuple[int, int]:
    """The first and the last bucket but for a few calls."""
    calls = sum(buckets.values())
    outer = max(1, int(_OUTER * calls)) if calls >= MOST_BINS else 0
    return _beyond(buckets, sorted(buckets), outer), _beyond(buckets, sorted(buckets, reverse=True), outer)


def _beyond(buckets: Mapping[int, int], order: Sequence[int], outer: int) -> int:
    """The bucket up to which more calls lie than may be left out."""
    found = 0
    for bucket in order:
        found += buckets[bucket]
        if found > outer:
            return bucket
    return order[-1]


def _width(low: int, high: int, most: int) -> int:
    widths = chain(_WIDTHS, count(_DECADE, _DECADE))
    return next(width for width in widths if high // width - low // width < most)


def _edges(low: int, high: int, width: int) -> list[int]:
    return [number * width for number in range(low // width, high // width + 2)]


def _bins(buckets: Mapping[int, int], edges: Sequence[int]) -> tuple[Bin, ...]:
    counts = [0] * (len(edges) - 1)
    for bucket, calls in buckets.items():
        counts[bisect_right(edges, bucket) - 1] += calls
    return tuple(
        Bin(from_ms=lower_edge(begin), to_ms=lower_edge(end), calls=calls)
        for (begin, end), calls in zip(pairwise(edges), counts, strict=True)
    )


def lower_edge(bucket: int) -> float:
    """Return the time in ms at which a bucket begins."""
    return 10 ** (bucket / BUCKETS_PER_DECADE)


def reached_by(buckets: Mapping[int, int], most: int) -> float | None:
    """Return a time in ms that the `most` slowest calls reach and hardly any other; None where it could be any."""
    found = 0
    for bucket in sorted(buckets, reverse=True):
        found += buckets[bucket]
        if found >= most:
            # Rounding must not lose a call that lies on the edge.
            return lower_edge(bucket) * (1 - 1e-9)
    return None

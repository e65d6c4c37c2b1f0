"""The histogram of total times: fine buckets of a constant ratio, merged until a person can take them in. Pure."""

from collections.abc import Mapping
from typing import Final

from lambdascope_analytics.analyses.latency_answer import Bin

# As the statement counts them.
BUCKETS_PER_DECADE: Final = 200
MOST_BINS: Final = 20
# Buckets in a bin, so that every power of ten is an edge.
_WIDTHS: Final = (10, 20, 40, 50, 100, 200)


def histogram(buckets: Mapping[int, int]) -> tuple[Bin, ...]:
    """Return at most 20 bins of equal ratio, from the first with a call to the last, empty ones between included."""
    if not buckets:
        return ()
    low, high = min(buckets), max(buckets)
    width = next((width for width in _WIDTHS if high // width - low // width < MOST_BINS), _WIDTHS[-1])
    counts = dict.fromkeys(range(low // width, high // width + 1), 0)
    for bucket, calls in buckets.items():
        counts[bucket // width] += calls
    return tuple(
        Bin(from_ms=lower_edge(number * width), to_ms=lower_edge((number + 1) * width), calls=calls)
        for number, calls in counts.items()
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

"""How many environments were busy, minute by minute: the level after each change, and the one a minute begins with.

Only the maximum of a minute means what it means on AWS. A minute in which nothing was busy has no sample.
"""

from collections.abc import Iterable, Iterator

from lambdascope_proxy.local.metrics.samples import MINUTE_MS, Sample, raw_sample

Change = tuple[int, int]  # a time in ms and the level since then


def concurrency_samples(changes: Iterable[Change], now_ms: int) -> list[Sample]:
    """The samples of a level that changed at these times, in order, and has stayed the same since the last of them."""
    return [raw_sample(at_ms, float(level), "Count") for at_ms, level in _levels(changes, now_ms) if level]


def _levels(changes: Iterable[Change], now_ms: int) -> Iterator[Change]:
    before_ms, level = 0, 0
    for at_ms, changed in changes:
        yield from _carried(before_ms, at_ms, level)
        yield at_ms, changed
        before_ms, level = at_ms, changed
    yield from _carried(before_ms, now_ms, level)


def _carried(before_ms: int, until_ms: int, level: int) -> Iterator[Change]:
    if level:
        first_ms = before_ms - before_ms % MINUTE_MS + MINUTE_MS
        yield from ((minute_ms, level) for minute_ms in range(first_ms, until_ms, MINUTE_MS))

"""Statistics of the samples in one period: simple ones, percentiles, and trimmed ones, by the name a caller gives.

CloudWatch keeps approximate histograms and documents no interpolation, so these choices are ours. A percentile is
interpolated linearly between the two nearest values, as numpy does by default. A percentage that is trimmed removes
whole values, rounded down, as scipy's trim_mean does; a winsorized mean puts the nearest value that is left in their
place. Of two fixed bounds the upper one is inclusive and the lower one is not, which for PR is ours too. Everything
beyond the five simple statistics needs the single values, none of them negative: without them there is no point.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import accumulate

from lambdascope_proxy.local.metrics.samples import Sample

Statistic = Callable[[Sequence[Sample]], float | None]
_NUMBER = r"\d{1,30}(?:\.\d{1,10})?"
_SINGLE = re.compile(rf"(?P<name>p|tm|tc|ts|wm)(?P<high>{_NUMBER})")
_RANGE = re.compile(
    rf"(?P<name>TM|TC|TS|WM|PR)\((?:(?P<low>{_NUMBER})(?P<low_sign>%?))?:(?:(?P<high>{_NUMBER})(?P<high_sign>%?))?\)"
)


@dataclass(frozen=True, slots=True)
class _Values:
    """Values in ascending order, each with how often it occurs."""

    values: Sequence[float]
    counts: Sequence[int]

    @property
    def count(self) -> int:
        return sum(self.counts)

    @property
    def total(self) -> float:
        return math.fsum(value * count for value, count in zip(self.values, self.counts, strict=True))

    def at(self, index: int) -> float:
        """The value at an index, as if each stood there as often as it occurs."""
        return self.values[bisect_right(list(accumulate(self.counts)), index)]

    def between(self, low: Decimal | None, high: Decimal | None) -> "_Values":
        """The values above `low` and up to `high`."""
        kept = [
            (value, count)
            for value, count in zip(self.values, self.counts, strict=True)
            if (low is None or Decimal(repr(value)) > low) and (high is None or Decimal(repr(value)) <= high)
        ]
        return _Values([value for value, _ in kept], [count for _, count in kept])

    def cut(self, lowest: int, highest: int) -> "_Values":
        """Without so many of the lowest and of the highest values."""
        ends = list(accumulate(self.counts))
        last = self.count - highest
        counts = [
            max(0, min(end, last) - max(end - count, lowest)) for end, count in zip(ends, self.counts, strict=True)
        ]
        kept = [(value, count) for value, count in zip(self.values, counts, strict=True) if count]
        return _Values([value for value, _ in kept], [count for _, count in kept])


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What is not trimmed: percentages of the values, or a range of values."""

    low: Decimal | None
    high: Decimal | None
    is_percent: bool

    def removed(self, count: int) -> tuple[int, int]:
        """How many of the lowest and of the highest values a percentage removes."""
        return int(count * (self.low or 0) / 100), int(count * (100 - (100 if self.high is None else self.high)) / 100)

    def kept(self, values: _Values) -> _Values:
        """What is left."""
        return values.cut(*self.removed(values.count)) if self.is_percent else values.between(self.low, self.high)


def statistic(name: str) -> Statistic:
    """The statistic of that name. Raises: ValueError, if there is none or it is not played here."""
    if name in _SIMPLE:
        return _SIMPLE[name]
    if name == "IQM":
        return partial(_of_values, partial(_trimmed_mean, _Bounds(Decimal(25), Decimal(75), True)))
    if match := _SINGLE.fullmatch(name):
        return _single(match["name"], Decimal(match["high"]))
    if match := _RANGE.fullmatch(name):
        return partial(_of_values, partial(_TRIMMED[match["name"]], _bounds(match)))
    raise _no_statistic(name)


def _single(name: str, high: Decimal) -> Statistic:
    if high > 100 or (high == 0 and name != "p"):
        raise _no_statistic(f"{name}{high}")
    if name == "p":
        return partial(_of_values, partial(_percentile, high))
    return partial(_of_values, partial(_TRIMMED[name.upper()], _Bounds(None, high, True)))


def _bounds(match: re.Match[str]) -> _Bounds:
    low, high = (Decimal(match[name]) if match[name] else None for name in ("low", "high"))
    signs = {match[f"{name}_sign"] for name in ("low", "high") if match[name]}
    is_percent = signs == {"%"}
    if len(signs) != 1 or (is_percent and match["name"] == "PR"):
        raise _no_statistic(match[0])
    if is_percent:
        low, high = low or Decimal(0), Decimal(100) if high is None else high
    if (low is not None and high is not None and low >= high) or (is_percent and high is not None and high > 100):
        raise _no_statistic(match[0])
    return _Bounds(low, high, is_percent)


def _no_statistic(name: str) -> ValueError:
    return ValueError(f"not a statistic: {name!r}")


def _of_values(aggregate: Callable[[_Values], float | None], samples: Sequence[Sample]) -> float | None:
    if not all(sample.is_raw and sample.minimum >= 0 for sample in samples):
        return None
    counts: dict[float, int] = {}
    for sample in samples:
        counts[sample.minimum] = counts.get(sample.minimum, 0) + int(sample.count)
    values = sorted(value for value, count in counts.items() if count)
    return aggregate(_Values(values, [counts[value] for value in values])) if values else None


def _percentile(percent: Decimal, values: _Values) -> float:
    position = (values.count - 1) * percent / 100
    index = int(position)
    below = values.at(index)
    above = values.at(min(index + 1, values.count - 1))
    return below + (above - below) * float(position - index)


def _trimmed_mean(bounds: _Bounds, values: _Values) -> float | None:
    kept = bounds.kept(values)
    return kept.total / kept.count if kept.count else None


def _trimmed_count(bounds: _Bounds, values: _Values) -> float:
    return float(bounds.kept(values).count)


def _trimmed_sum(bounds: _Bounds, values: _Values) -> float:
    return bounds.kept(values).total


def _winsorized_mean(bounds: _Bounds, values: _Values) -> float:
    if bounds.is_percent:
        lowest, highest = bounds.removed(values.count)
        kept = values.cut(lowest, highest)
        return (kept.values[0] * lowest + kept.total + kept.values[-1] * highest) / values.count
    low = -math.inf if bounds.low is None else float(bounds.low)
    high = math.inf if bounds.high is None else float(bounds.high)
    return _Values([min(max(value, low), high) for value in values.values], values.counts).total / values.count


def _percentile_rank(bounds: _Bounds, values: _Values) -> float:
    return 100 * bounds.kept(values).count / values.count


_TRIMMED: dict[str, Callable[[_Bounds, _Values], float | None]] = {
    "TM": _trimmed_mean,
    "TC": _trimmed_count,
    "TS": _trimmed_sum,
    "WM": _winsorized_mean,
    "PR": _percentile_rank,
}


def _count(samples: Sequence[Sample]) -> float:
    return math.fsum(sample.count for sample in samples)


def _sum(samples: Sequence[Sample]) -> float:
    return math.fsum(sample.total for sample in samples)


def _average(samples: Sequence[Sample]) -> float:
    return _sum(samples) / _count(samples)


_SIMPLE: dict[str, Statistic] = {
    "SampleCount": _count,
    "Sum": _sum,
    "Average": _average,
    "Minimum": lambda samples: min(sample.minimum for sample in samples),
    "Maximum": lambda samples: max(sample.maximum for sample in samples),
}

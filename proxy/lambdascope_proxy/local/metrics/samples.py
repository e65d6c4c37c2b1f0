"""What a metric is made of: its identity, its samples, and the series they come to."""

from collections.abc import Mapping
from dataclasses import dataclass

Dimensions = tuple[tuple[str, str], ...]
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricKey:
    """The identity of a metric; dimensions in another order are the same metric, others or fewer are another one."""

    namespace: str
    name: str
    dimensions: Dimensions = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was published at one time: one value, one value many times, or a set of which only a summary is known."""

    timestamp_ms: int
    count: float
    total: float
    minimum: float
    maximum: float
    unit: str

    @property
    def is_raw(self) -> bool:
        """Whether every single value is known."""
        return self.minimum == self.maximum and self.total == self.minimum * self.count

    @property
    def minute_ms(self) -> int:
        """The minute it belongs to: nothing finer is kept."""
        return self.timestamp_ms - self.timestamp_ms % MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values by the beginning of their period, in seconds since the epoch; a period without data has none."""

    label: str
    period_s: int
    points: Mapping[int, float]


def dimensions_of(pairs: Mapping[str, str]) -> Dimensions:
    """Dimensions in the order in which they are compared."""
    return tuple(sorted(pairs.items()))


def raw_sample(timestamp_ms: int, value: float, unit: str, count: float = 1.0) -> Sample:
    """A sample of one value, published once or `count` times."""
    return Sample(timestamp_ms=timestamp_ms, count=count, total=value * count, minimum=value, maximum=value, unit=unit)

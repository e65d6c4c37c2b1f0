"""The time a question is about: rounding by age, periods, and how long data of each period is kept.

Periods begin at the rounded start of the window, not at multiples of the period. Nothing finer than a minute is kept,
so a minute that begins before the end of the window belongs to it as a whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lambdascope_proxy.local.metrics.samples import Sample

_DAY_S = 86_400
# Age in days and the granularity in seconds of what is younger, as the reference of GetMetricData documents them.
_GRANULARITIES = ((15, 60), (63, 300), (455, 3_600))
_COARSEST_S = _GRANULARITIES[-1][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `start_s`, inclusive, to `end_s`, exclusive, asked at `now_s`; all in seconds since the epoch."""

    start_s: int
    end_s: float
    now_s: float

    def starts(self, period_s: int) -> range:
        """The beginnings of the periods in the window."""
        count = max(0, -int(-(self.end_s - self.start_s) // period_s))
        return range(self.start_s, self.start_s + count * period_s, period_s)

    def bins(self, samples: Iterable[Sample], period_s: int) -> dict[int, list[Sample]]:
        """The samples in the window by the beginning of their period, as far as such a period is still kept."""
        bins: dict[int, list[Sample]] = {}
        for sample in samples:
            second = sample.minute_ms // 1000
            if self.start_s <= second < self.end_s:
                start_s = second - (second - self.start_s) % period_s
                bins.setdefault(start_s, []).append(sample)
        return {start_s: bins[start_s] for start_s in sorted(bins) if self._is_kept(start_s, period_s)}

    def _is_kept(self, start_s: int, period_s: int) -> bool:
        age_s = self.now_s - start_s
        return any(age_s < days * _DAY_S and period_s % finest_s == 0 for days, finest_s in _GRANULARITIES)


def window_of(start_s: float, end_s: float, now_s: float) -> Window:
    """The window of a question, its start rounded down: to a minute, to five when older than 15 days, or to an hour."""
    age_s = now_s - start_s
    granularity_s = next((finest_s for days, finest_s in _GRANULARITIES if age_s < days * _DAY_S), _COARSEST_S)
    return Window(start_s=int(start_s // granularity_s * granularity_s), end_s=end_s, now_s=now_s)

"""How wide the bins of a series are: CloudWatch keeps fine ones for a while only, and an answer has room for few. Pure.

CloudWatch counts bins from the start of a question, after rounding that down to a minute, five minutes or an hour by
its age (https://github.com/boto/boto3/issues/3457). Windows aligned here are therefore binned the same way every time.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from lambdascope_proxy.cloudwatch.window import Window

_LADDER: Final = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200)
_DAY_S: Final = 86_400
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html: how old a window's start may
# be for bins of so many seconds; the oldest ones live 455 days.
_FINEST_BY_AGE: Final = ((timedelta(days=15), 60), (timedelta(days=63), 300))
_COARSEST_S: Final = 3600
# A window that ages past a limit between the choice and AWS's answer would come back empty.
_MARGIN: Final = timedelta(hours=1)


def series_period_s(window: Window, now: datetime, points: int = 60) -> int:
    """Seconds per bin: the least of a fixed ladder of which at most `points` cover the window and which is kept."""
    finest_s = _finest_s(window.start, now)
    kept = (period_s for period_s in _ladder() if period_s % finest_s == 0)
    return next(period_s for period_s in kept if aligned(window, period_s).seconds <= period_s * points)


def aligned(window: Window, period_s: int) -> Window:
    """The window widened to whole bins, counted from 1970: questions a moment apart are then the same question."""
    start = math.floor(window.start.timestamp() / period_s) * period_s
    end = math.ceil(window.end.timestamp() / period_s) * period_s
    return Window(start=datetime.fromtimestamp(start, UTC), end=datetime.fromtimestamp(end, UTC))


def whole_period_s(window: Window, now: datetime | None = None) -> int:
    """Seconds of one bin that covers the window: percentiles of several bins cannot be merged.

    It reaches from where CloudWatch rounds the start down to, up to the end or less than a minute (for older windows
    five minutes or an hour) beyond. Without `now` the window is taken to end now.
    """
    finest_s = _finest_s(window.start, now or window.end)
    return round(aligned(window, finest_s).seconds)


def _finest_s(start: datetime, now: datetime) -> int:
    age = now - start + _MARGIN
    return next((finest_s for limit, finest_s in _FINEST_BY_AGE if age < limit), _COARSEST_S)


def _ladder() -> Iterator[int]:
    yield from _LADDER
    yield from count(_DAY_S, _DAY_S)

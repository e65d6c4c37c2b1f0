"""Which days to remove, by age and by size; whole days, oldest first. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from lambdascope_analytics.store.segments import Segment


def expired_days(
    segments: Iterable[Segment], *, today: date, keep_days: int | None, keep_bytes: int | None
) -> set[date]:
    """Return the days to remove so that nothing older than `keep_days` and not more than `keep_bytes` is left.

    Age counts back from the newest day there is, unless that stands alone, as after a clock that jumped ahead: then
    from the day before it. The newest day itself always stays.
    """
    sizes: dict[date, int] = defaultdict(int)
    for segment in segments:
        sizes[segment.day] += segment.size
    past = sorted(day for day in sizes if day <= today)
    if not past:
        return set()
    expired = _too_old(past, keep_days) if keep_days is not None else set[date]()
    excess = sum(sizes.values()) - sum(sizes[day] for day in expired) - (keep_bytes or 0)
    for day in past[:-1]:
        if keep_bytes is not None and excess > 0 and day not in expired:
            expired.add(day)
            excess -= sizes[day]
    return expired


def _too_old(past: list[date], keep_days: int) -> set[date]:
    keep = timedelta(days=keep_days)
    newest = past[-1]
    if len(past) > 1 and newest - past[-2] >= keep:
        newest = past[-2]
    return {day for day in past if day <= newest - keep}

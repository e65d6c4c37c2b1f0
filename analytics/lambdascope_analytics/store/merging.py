"""Which segments to merge: few large files read faster than many small ones. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from lambdascope_analytics.store.segments import SETTLE_AFTER, Segment

# About half a million rows; larger ones read no faster.
FULL_BYTES: Final = 48 << 20
_MERGED_BYTES: Final = 2 * FULL_BYTES
# A day that goes on merges files of like size, eight at a time, so that a row is rewritten a few times at most.
_TIER_FILES: Final = 8
_TIER_GROWTH: Final = 8
_TIER_BASE: Final = 64 << 10
_SETTLED: Final = SETTLE_AFTER + timedelta(days=1)


def plan_merges(segments: Iterable[Segment], *, today: date) -> list[list[Segment]]:
    """Return the groups of segments, each of one day, that should become one; of one segment if its rows settled."""
    days: dict[date, list[Segment]] = defaultdict(list)
    for segment in segments:
        if segment.size < FULL_BYTES or (segment.is_open and today - segment.day > _SETTLED):
            days[segment.day].append(segment)
    groups: list[list[Segment]] = []
    for day, small in sorted(days.items()):
        if today - day > _SETTLED:
            groups += _of_old(small)
            continue
        for kind in ([part for part in small if part.is_open], [part for part in small if not part.is_open]):
            groups += _of_today(kind) if day >= today else _of_past(kind)
    return groups


def _of_old(small: list[Segment]) -> list[list[Segment]]:
    """Rows of an old day have settled: what is open is written together with the rest."""
    group = _fitting(small)
    return [group] if len(group) > 1 or any(segment.is_open for segment in group) else []


def _of_past(small: list[Segment]) -> list[list[Segment]]:
    group = _fitting(small)
    return [group] if len(group) > 1 else []


def _of_today(small: list[Segment]) -> list[list[Segment]]:
    tiers: dict[int, list[Segment]] = defaultdict(list)
    for segment in small:
        tiers[_tier(segment.size)].append(segment)
    return [_fitting(tier) for tier in tiers.values() if len(tier) >= _TIER_FILES]


def _tier(size: int) -> int:
    tier = 0
    while size >= _TIER_BASE * _TIER_GROWTH**tier:
        tier += 1
    return tier


def _fitting(small: list[Segment]) -> list[Segment]:
    group: list[Segment] = []
    size = 0
    for segment in sorted(small, key=lambda segment: segment.size):
        if group and size + segment.size > _MERGED_BYTES:
            break
        group.append(segment)
        size += segment.size
    return group

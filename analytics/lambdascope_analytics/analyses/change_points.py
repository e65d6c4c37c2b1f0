"""When a series changed its level for good: binary segmentation, each split tested by permutation. Pure.

A split is where the mean ranks of both sides lie furthest apart (a CUSUM of ranks, A. N. Pettitt, Appl. Stat. 28
(1979), p. 126). It counts if at most one in eighty shuffled series has one as clear: with the four series looked at
that is one false alarm in twenty questions. Whole blocks are shuffled, so that what lasts for a few buckets is no
change. Both sides are then searched again (A. J. Scott and M. Knott, Biometrics 30 (1974), p. 507).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import sqrt
from statistics import fmean, median
from typing import Final

LEAST_POINTS: Final = 16
LEAST_SIDE: Final = 4
LEAST_CYCLES: Final = 4
MOST_CHANGES: Final = 5
SHUFFLES: Final = 319
FALSE_ALARMS: Final = 0.0125


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """From the value at `index` on the level is `after`, a median, as `before` is of what came before it."""

    index: int
    before: float
    after: float


def level_changes(values: Sequence[float], *, places: Sequence[int] = ()) -> list[LevelChange]:
    """The changes of level in a series, in its order; what repeats at the same `places` of a cycle is no change."""
    if len(values) < LEAST_POINTS:
        return []
    flat = without_cycle(values, places)
    found = sorted(_splits(flat, 0, random.Random(len(values)))[:MOST_CHANGES])  # noqa: S311 -- shuffles, no secret
    splits = _settled(flat, found)
    edges = [0, *splits, len(values)]
    levels = [median(values[start:end]) for start, end in pairwise(edges)]
    return [
        LevelChange(index=split, before=levels[number], after=levels[number + 1]) for number, split in enumerate(splits)
    ]


def without_cycle(values: Sequence[float], places: Sequence[int]) -> list[float]:
    """The series less what is usual at each place of the cycle, where it holds enough cycles to tell.

    Of fewer, half of what happens in one would be taken from the others, where it then seemed to happen too. A place
    that is seen less often, at the edge of a gap, has what is usual anywhere taken from it.
    """
    at: dict[int, list[float]] = {}
    for value, place in zip(values, places, strict=False):
        at.setdefault(place, []).append(value)
    if len(at) < 2 or len(values) < LEAST_CYCLES * len(at):
        return list(values)
    anywhere = median(values)
    usual = {place: median(seen) if len(seen) >= LEAST_CYCLES else anywhere for place, seen in at.items()}
    return [value - usual[place] for value, place in zip(values, places, strict=True)]


def _splits(values: Sequence[float], offset: int, dice: random.Random) -> list[int]:
    if len(values) < LEAST_POINTS:
        return []
    ranks = _ranks(values)
    split, *clearness = clearest(ranks)
    if not split or _chance(ranks, clearness, dice) > FALSE_ALARMS:
        return []
    left = _splits(values[:split], offset, dice)
    return [offset + split, *left, *_splits(values[split:], offset + split, dice)]


def _settled(values: Sequence[float], splits: Sequence[int]) -> list[int]:
    """Each split where it is clearest between its neighbours: the first were found while others still blurred them."""
    settled = list(splits)
    for number in range(len(settled)):
        start = settled[number - 1] if number else 0
        end = settled[number + 1] if number + 1 < len(settled) else len(values)
        settled[number] = start + (clearest(_tamed(values[start:end]))[0] or settled[number] - start)
    return settled


def _tamed(values: Sequence[float]) -> list[float]:
    """The values with their outer twentieths drawn in: unlike ranks they keep how far a level is from another."""
    ordered, outer = sorted(values), len(values) // 20
    low, high = ordered[outer], ordered[-1 - outer]
    return [min(max(value, low), high) for value in values]


def clearest(values: Sequence[float]) -> tuple[int, float, float]:
    """Where the means of both sides differ most (0 if nowhere), by how much, and how far running sums ever part.

    The range of the running sums, as N. H. Kuiper has it (Indag. Math. 63 (1960), p. 38), also sees a level that came
    and went, of which a split into two sees little.
    """
    n, middle = len(values), fmean(values)
    gaps = [*accumulate(value - middle for value in values)]
    best, furthest = 0, 0.0
    for split in range(LEAST_SIDE, n - LEAST_SIDE + 1):
        distance = abs(gaps[split - 1]) / sqrt(split * (n - split))
        if distance > furthest * (1 + 1e-12):
            best, furthest = split, distance
    return best, furthest, max(gaps) - min(gaps)


def _chance(ranks: Sequence[float], clearness: Sequence[float], dice: random.Random) -> float:
    """The share of shuffled series as clear by one of the two measures, doubled because there are two."""
    length = max(1, round(len(ranks) ** (1 / 3)))
    blocks = [ranks[start : start + length] for start in range(0, len(ranks), length)]
    as_clear = [1] * len(clearness)
    for done in range(1, SHUFFLES + 1):
        dice.shuffle(blocks)
        _, *shuffled = clearest([rank for block in blocks for rank in block])
        as_clear = [
            count + (found >= wanted * (1 - 1e-9))
            for count, found, wanted in zip(as_clear, shuffled, clearness, strict=True)
        ]
        if min(as_clear) > FALSE_ALARMS * (SHUFFLES + 1):
            # It will not fall below any more; the rest of the shuffles would say only by how much.
            return 2 * min(as_clear) / (done + 1)
    return 2 * min(as_clear) / (SHUFFLES + 1)


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    ranks, first = [0.0] * len(values), 0
    for place in range(1, len(order) + 1):
        if place == len(order) or values[order[place]] != values[order[first]]:
            for index in order[first:place]:
                ranks[index] = (first + 1 + place) / 2
            first = place
    return ranks

"""Pages of the points of several series, in the order of time over all of them."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from lambdascope_proxy.local.metrics.samples import Series

Position = tuple[int, int]  # the time of a point and the place of its series


@dataclass(frozen=True, slots=True, kw_only=True)
class PointPage:
    """Some points of each series, whether any are left of each, and after which one the next page begins."""

    points: Sequence[Sequence[tuple[int, float]]]
    is_last: Sequence[bool]
    end: Position | None


def point_page(series: Sequence[Series], size: int, after: Position | None, *, newest_first: bool) -> PointPage:
    """The next `size` points after a position; what newer points came since the first page is not part of it."""

    def order(position: Position) -> Position:
        return (-position[0] if newest_first else position[0], position[1])

    positions = sorted(((time_s, place) for place, each in enumerate(series) for time_s in each.points), key=order)
    left = [position for position in positions if after is None or order(position) > order(after)]
    shown, unshown = left[:size], {place for _, place in left[size:]}
    points: list[list[tuple[int, float]]] = [[] for _ in series]
    for time_s, place in shown:
        points[place].append((time_s, series[place].points[time_s]))
    return PointPage(
        points=points,
        is_last=[place not in unshown for place in range(len(series))],
        end=shown[-1] if unshown else None,
    )


def token_of(position: Position, question: str) -> str:
    """The token for the page after a position, which only serves the same question."""
    return base64.urlsafe_b64encode(json.dumps([*position, question]).encode()).decode()


def position_of(token: str, question: str) -> Position:
    """Where a page begins. Raises: ValueError, for a token not given for this question."""
    try:
        time_s, place, asked = json.loads(base64.urlsafe_b64decode(token))
    except (TypeError, UnicodeDecodeError):
        raise ValueError("not a token") from None
    if asked != question or type(time_s) is not int or type(place) is not int:
        raise ValueError("not a token of this question")
    return time_s, place

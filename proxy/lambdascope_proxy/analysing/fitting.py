"""Makes an answer small enough for a model: its lists lose their tails, and say how much. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import OF_TIME

MOST_BYTES: Final = 4_400


def fitted(answer: Mapping[str, Any], lists: tuple[str, ...], most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """The answer in at most so many bytes of JSON, if that can be had by cutting its `lists`, the first named first.

    A list is sorted with what matters most in front, and keeps at least its head; but groups of hours or days are in
    their order, and keep the latest. `not_listed` tells how many items of each list were left out; it adds to what the
    answer itself says there.
    """
    data = dict(answer)
    is_time = data.get("group_by") in OF_TIME
    for name in lists:
        items: list[Any] = list(data.get(name) or ())
        kept = len(items)
        while kept > 1 and _size(data) > most_bytes:
            kept -= 1
            left_out: Mapping[str, int] = data.get("not_listed") or {}
            data[name] = items[-kept:] if is_time and name == "groups" else items[:kept]
            data["not_listed"] = {**left_out, name: left_out.get(name, 0) + 1}
    return data


def _size(data: Mapping[str, Any]) -> int:
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())

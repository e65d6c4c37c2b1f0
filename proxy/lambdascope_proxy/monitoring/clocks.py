"""Where the time of one call went: its clocks as parts of the whole. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_SYNC: Final = (
    ("proxy", "proxy_ms"),
    ("network and platform", "overhead_ms"),
    ("init", "init_ms"),
    ("restore", "restore_ms"),
    ("handler", "duration_ms"),
)
_UNMEASURED: Final = (("proxy", "proxy_ms"), ("network, platform and function", "invoke_ms"))
_ACCEPTED: Final = (("proxy", "proxy_ms"), ("network and platform, to accept it", "invoke_ms"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One part of a call's time; `share` is of the total, between 0 and 1."""

    name: str
    ms: float
    share: float


def clocks_of(row: Mapping[str, Any]) -> tuple[Clock, ...]:
    """The parts of `total_ms` in a history row, in the order they are passed through; none when that is not known.

    An asynchronous call was over when Lambda accepted it: its execution is no part of the time the caller waited.
    """
    total_ms = row.get("total_ms")
    if not total_ms:
        return ()
    names = _SYNC if row.get("duration_ms") is not None else _UNMEASURED
    if row.get("invocation_type") == "Event":
        names = _ACCEPTED
    known = [(name, float(row[column])) for name, column in names if row.get(column) is not None]
    return tuple(Clock(name=name, ms=ms, share=round(ms / total_ms, 4)) for name, ms in known)


def longest(clocks: tuple[Clock, ...]) -> Clock | None:
    """The part that took most."""
    return max(clocks, key=lambda clock: clock.ms, default=None)

"""How views write figures: counts, milliseconds, dollars, shares, moments and bars. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from lambdascope_proxy.views.page import Page, told

UNKNOWN: Final = "unknown"
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_PLAIN: Final = " #"


def figure(value: float | None) -> str:
    """A count or a measure; fractions as far as they are known."""
    if value is None:
        return UNKNOWN
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else told(value)


def counted(count: int, noun: str) -> str:
    """A number of things, of which one is no plural."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def share(part: float | None) -> str:
    """A share as a percentage: never 0% or 100% for what is only nearly so. Empty where it is not known."""
    if part is None:
        return ""
    if 0 < part < 0.001:
        return "<0.1%"
    if 0.999 < part < 1:
        return ">99.9%"
    return f"{part:.1%}".replace(".0%", "%")


def percentiles(found: Mapping[str, Any]) -> str:
    """Figures by name in one line, all in ms: p50 12.3, p95 40, max 55 ms."""
    named = [(key.removesuffix("_ms"), value) for key, value in found.items() if value is not None]
    return ", ".join(f"{name} {figure(value)}" for name, value in named) + " ms" if named else ""


def moment(iso: str) -> str:
    """A moment in UTC as people read it, without what says that it is UTC: the heading does."""
    time = datetime.fromisoformat(iso)
    fraction = f".{time.microsecond // 1000:03d}" if "." in iso else ""
    return f"{time:%Y-%m-%d %H:%M:%S}{fraction}"


def span(start: str, end: str) -> str:
    """A window: its day is told once where it is one, seconds only where there are any."""
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    form = "%H:%M:%S" if first.second or last.second else "%H:%M"
    until = f"{last:{form}}" if first.date() == last.date() else f"{last:%Y-%m-%d {form}}"
    return f"{first:%Y-%m-%d {form}} to {until} UTC"


def length(seconds: float) -> str:
    """A length of time in its largest whole unit."""
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= size and seconds % size == 0:
            return counted(int(seconds // size), unit)
    return f"{seconds:g} seconds"


def bar(part: float, characters: int, page: Page) -> str:
    """A share of so many characters, to the eighth of one; whatever is above zero is seen."""
    levels = _PLAIN if page.surface.is_plain else _EIGHTHS
    steps = len(levels) - 1
    filled = round(min(max(part, 0.0), 1.0) * characters * steps) or (1 if part > 0 else 0)
    whole, rest = divmod(filled, steps)
    return levels[-1] * whole + levels[rest].strip()


def gathered(values: Sequence[float | None], most: int) -> tuple[list[float | None], int]:
    """At most so many values, each the highest of `step` that follow one another, and that step."""
    step = max(1, -(-len(values) // max(1, most)))
    groups = [values[at : at + step] for at in range(0, len(values), step)]
    return [max((value for value in group if value is not None), default=None) for group in groups], step

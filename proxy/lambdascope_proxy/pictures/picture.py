"""What a picture shows, whoever draws it: a title, charts and the table behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """One bar for each label, the first on top; a value that is not known has no bar."""

    title: str
    unit: str
    labels: tuple[str, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Figures over time: a line for each name, gaps where a value is not known.

    `marks` are moments to point out, with a word for each; `low` and `high` bound what may be (of a forecast).
    """

    title: str
    unit: str
    times: tuple[datetime, ...]
    lines: Mapping[str, tuple[float | None, ...]]
    marks: Mapping[datetime, str] = field(default_factory=dict[datetime, str])
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """A histogram: `counts[i]` between `edges[i]` and `edges[i + 1]`; `marks` are values to point out."""

    title: str
    unit: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    marks: Mapping[str, float] = field(default_factory=dict[str, float])


Chart = Bars | Lines | Bins


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: `subtitle` says of what period and how many calls; `columns` and `rows` go below, where there is
    room. `words` are what to know besides, for a page that is read: the answer in a sentence, notes, what to do next.
    """

    title: str
    subtitle: str
    charts: tuple[Chart, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()
    words: tuple[str, ...] = ()

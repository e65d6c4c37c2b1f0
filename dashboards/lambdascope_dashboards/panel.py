"""Dashboards as data: a board has rows, a row has panels, a panel asks its queries of one data source."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["graph", "stat", "table", "heatmap", "states"]
Stacking = Literal["none", "normal", "percent"]
Statistic = Literal["Average", "Maximum", "Sum", "p90"]
# Grafana's unit of a number in full, with separators: what increase() makes of whole things is shown whole.
COUNT: Final = "locale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """PromQL. `legend` names its series, in a table its column, which may have a unit of its own."""

    expr: str
    legend: str
    unit: str = ""
    has_exemplars: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """SQL over the history: the name of a file in sql/; units of columns that have another than the panel.

    `trace_column` holds ids of traces, which lead to them.
    """

    name: str
    units: tuple[tuple[str, str], ...] = ()
    trace_column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudWatch:
    """A metric of AWS/Lambda: of each chosen function, or of the whole account in that region."""

    metric: str
    statistic: Statistic
    legend: str
    is_of_account: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """TraceQL, asked of Tempo."""

    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a value means, in a panel that shows states over time."""

    value: int
    text: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One question. `unit` is Grafana's id of a unit, `most` the end of its axis, `states` what its values mean."""

    title: str
    description: str
    unit: str
    queries: tuple[Query, ...] | tuple[Sql] | tuple[CloudWatch, ...] | tuple[Traces]
    kind: Kind = "graph"
    stacking: Stacking = "none"
    has_bars: bool = False
    width: int = 12
    height: int = 8
    most: float | None = None
    states: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under one heading; a folded one asks nothing until it is opened."""

    title: str
    panels: tuple[Panel, ...]
    is_folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One dashboard; `uid` is in its address and never changes. `needs` are data sources besides the first."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    source: Literal["datasource", "history"] = "datasource"
    needs: tuple[Literal["traces", "cloudwatch"], ...] = ()
    begins: str = "now-6h"

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All of its panels, in order."""
        return tuple(panel for row in self.rows for panel in row.panels)

"""The names an expression may use: columns made so far, and fields of the events until the first `stats`."""

from dataclasses import dataclass, field

from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import Field
from lambdascope_proxy.local.insights.values import TEXT, TIME, Value

_TIMES = {"@timestamp": "ts", "@ingestionTime": "ingested"}


def _no_columns() -> dict[str, Value]:
    return {}


def _no_fields() -> dict[str, str]:
    return {}


@dataclass(slots=True, kw_only=True)
class Scope:
    """Columns by name; `event_fields` are the fields of events that the query uses, with their columns."""

    columns: dict[str, Value] = field(default_factory=_no_columns)
    event_fields: dict[str, str] = field(default_factory=_no_fields)
    is_aggregated: bool = False
    _count: int = 0

    def find(self, place: Field) -> Value:
        """What a field's name stands for. Raises: MalformedQuery, for one that no stats command made."""
        if place.name in self.columns:
            return self.columns[place.name]
        if self.is_aggregated:
            raise MalformedQuery(f"{place.name} is not a field after stats", place.start, place.end)
        if place.name in _TIMES:
            return Value(sql=_TIMES[place.name], kind=TIME)
        column = self.event_fields.setdefault(place.name, f"e{len(self.event_fields)}")
        return Value(sql=column, kind=TEXT)

    def new_column(self) -> str:
        """A name of SQL that is not in use."""
        self._count += 1
        return f"c{self._count}"

    def aggregate(self, columns: dict[str, Value]) -> None:
        """Forget everything but these: stats leaves only its own columns."""
        self.columns = columns
        self.is_aggregated = True

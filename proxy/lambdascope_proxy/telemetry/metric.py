"""A metric as it is declared: what it is called, what it counts, and which attributes its values carry."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["histogram", "counter", "updowncounter", "gauge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. `unit` is a UCUM code as OpenTelemetry asks for; `bounds` are a histogram's, in that unit."""

    name: str
    kind: Kind
    unit: str
    description: str
    attributes: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

"""What a measurement is: rows of figures under a title, some with a target beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound that one figure of a row is held against."""

    column: str
    bound: float
    at_most: bool

    def is_met(self, value: float) -> bool:
        """Whether a value keeps the bound."""
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{self.column} {'<=' if self.at_most else '>='} {self.bound:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of one subject, by column."""

    subject: str
    figures: Mapping[str, float]
    target: Target | None = None
    remark: str = ""

    @property
    def verdict(self) -> str:
        """ "met", "not met", or nothing when there is no target or no figure."""
        if self.target is None or self.target.column not in self.figures:
            return ""
        return "met" if self.target.is_met(self.figures[self.target.column]) else "not met"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One measurement."""

    title: str
    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = field(default=())

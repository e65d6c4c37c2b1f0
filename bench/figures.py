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
    also: tuple[Target, ...] = ()
    remark: str = ""

    @property
    def targets(self) -> tuple[Target, ...]:
        """Every target of the row."""
        return (*([self.target] if self.target else []), *self.also)

    @property
    def verdict(self) -> str:
        """ "met", "not met" and which, or nothing when there is no target with a figure."""
        held = [target for target in self.targets if target.column in self.figures]
        missed = [target for target in held if not target.is_met(self.figures[target.column])]
        if not missed:
            return "met" if held else ""
        return "not met" if len(self.targets) == 1 else "not met: " + ", ".join(target.column for target in missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One measurement."""

    title: str
    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = field(default=())

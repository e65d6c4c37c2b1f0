"""A stretch of time that an answer is about, and the one before it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from lambdascope_analytics.errors import QuestionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `start` up to and without `end`, which both know their time zone.

    Raises:
        QuestionError: a time has no zone, so it could mean any, or the start is not before the end.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name, time in (("start", self.start), ("end", self.end)):
            if time.tzinfo is None:
                raise QuestionError(name, f"has no time zone: {time.isoformat()}")
        if self.start >= self.end:
            raise QuestionError("start", f"is not before the end: {self.start.isoformat()}, {self.end.isoformat()}")

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()

    @property
    def parameters(self) -> dict[str, object]:
        """As the statements take it: `$started_after` (inclusive) and `$started_before` (exclusive)."""
        return {"started_after": self.start, "started_before": self.end}

    def up_to(self, now: datetime) -> Self:
        """Return the part of it that is past by then.

        Raises:
            QuestionError: all of it is to come.
        """
        if self.start >= now:
            raise QuestionError("start", f"is in the future: {self.start.isoformat()}")
        return self if self.end <= now else type(self)(start=self.start, end=now)

    def previous(self) -> Self:
        """Return the period of the same length that ends where this one starts.

        Raises:
            QuestionError: it would begin before the year 1, which is where the calendar does.
        """
        try:
            return type(self)(start=self.start - (self.end - self.start), end=self.start)
        except OverflowError as error:
            raise QuestionError("start", "is so early that there is no period as long before it") from error

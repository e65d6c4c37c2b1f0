"""Which functions the history knows at all: what to say to whoever asked about calls that there are none of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement

_MOST_NAMES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFunctions:
    """The most called of `count` functions, and when the latest call was, of all and of those asked about."""

    names: Sequence[str] = ()
    count: int = 0
    last_at: datetime | None = None
    asked_at: datetime | None = None

    def instead_of(self, function_name: str | None) -> str:
        """A sentence with those there are, where the one asked about is not among them; else nothing."""
        if not function_name or self.asked_at or not self.names:
            return ""
        more = f" and {self.count - len(self.names)} more" if self.count > len(self.names) else ""
        return f"The history knows no function {function_name}, but {', '.join(self.names)}{more}."


def known_functions(history: History, scope: FunctionScope) -> KnownFunctions:
    """Ask the history. Raises: HistoryError."""
    rows = history.query(statement("functions/known"), {**scope.parameters, "top": _MOST_NAMES})
    if not rows:
        return KnownFunctions()
    return KnownFunctions(
        names=[row["function_name"] for row in rows if row["function_name"] is not None],
        count=rows[0]["functions"],
        last_at=rows[0]["last_at"],
        asked_at=rows[0]["asked_at"],
    )

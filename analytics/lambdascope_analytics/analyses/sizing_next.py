"""What to do after advice on settings: one step that leads on and never around, or none. Pure but for what it asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from lambdascope_analytics.analyses.known_functions import KnownFunctions
from lambdascope_analytics.analyses.next_call import call_of, time_range_of
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sizing_answer import LEAST_EXECUTIONS, Recommendation, Refusal
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Place
from lambdascope_analytics.statements import statement

if TYPE_CHECKING:
    from lambdascope_analytics.history import History

_FORTNIGHT: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Who asks what to do next: of which function, in which period, of which history."""

    history: "History"
    place: Place
    period: Period
    now: datetime

    def after(
        self, evidence: Evidence, recommendations: Sequence[Recommendation], refusals: Sequence[Refusal]
    ) -> str | None:
        """After advice; None where nothing is to be changed, since what there is to see has been told."""
        current = evidence.current
        if current.is_failing:
            failed = f"{current.failed:,} of {current.executions:,} executions failed"
            return f"{self._errors} tells why {failed}: that comes before what they cost."
        if current.executions < LEAST_EXECUTIONS or (refusals and not recommendations):
            return self._more(evidence)
        changes = [one for one in recommendations if one.is_change]
        if not changes:
            return None
        if changes[0].purpose == "fewer failures":
            return f"{self._errors} shows the calls that failed; then set {changes[0].setting}."
        return (
            f"Set {changes[0].setting} to {changes[0].suggested} in a new version, have it called at least "
            f"{LEAST_EXECUTIONS} times, then ask {call_of('recommend_settings', function_name=self._name)} again."
        )

    def without(self, calls: int, known: KnownFunctions) -> str | None:
        """Where nothing ran in the period, of so many calls."""
        if calls:
            return f"{self._errors} tells why the calls never ran."
        ran = self._ran()
        if ran["last_at"]:
            end = ran["last_at"] + timedelta(seconds=1)
            latest = Period(start=max(ran["first_at"], end - _FORTNIGHT), end=end)
            return f"{self._again(latest)} rests on its latest executions."
        return None if known.names else "Make calls with invoke_function, then ask again."

    @property
    def _name(self) -> str:
        place = self.place
        named = (place.account_id, place.region) if place.region else ()
        return ":".join([*filter(None, named), place.function_name])

    @property
    def _errors(self) -> str:
        return call_of("analyze_errors", function_name=self._name, time_range=time_range_of(self.period, self.now))

    def _again(self, period: Period) -> str:
        return call_of("recommend_settings", function_name=self._name, time_range=time_range_of(period, self.now))

    def _more(self, evidence: Evidence) -> str:
        """A longer period only where the history has enough in it."""
        current = evidence.current
        ran = self._ran(memory_mb=current.memory_mb, architecture=current.architecture)
        executions = current.executions + ran["ran_before"]
        if ran["ran_before"] and executions >= LEAST_EXECUTIONS:
            longer = Period(start=ran["first_at"], end=self.period.end)
            return f"{self._again(longer)} rests on {executions:,} executions."
        return f"Ask again once {self.place.function_name} was called at least {LEAST_EXECUTIONS} times."

    def _ran(self, *, memory_mb: int | None = None, architecture: str | None = None) -> dict[str, Any]:
        ran_with = {"memory_mb": memory_mb, "architecture": architecture, "started_after": self.period.start}
        (row,) = self.history.query(statement("sizing/known"), {**self.place.parameters, **ran_with})
        return row

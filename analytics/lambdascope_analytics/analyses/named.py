"""Analyses by name, for whoever asks from another process; each module is imported when first asked for."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from lambdascope_analytics.errors import QuestionError

if TYPE_CHECKING:
    from lambdascope_analytics.history import History

# Each module has a function of the name beside it, which takes the history, the parameters by name and `now`.
FUNCTIONS: Final[Mapping[str, str]] = {
    "cost": "analyse_cost",
    "latency": "analyse_latency",
    "errors": "analyse_errors",
    "changes": "compare_periods",
    "sizing": "recommend_settings",
    "forecast": "forecast_cost",
    "daily": "analyse_daily",
}


def analyse(history: "History", name: str, parameters: Mapping[str, Any], *, now: datetime) -> Any:
    """Return the answer of one analysis, a dataclass.

    Raises:
        QuestionError: there is no such analysis, or a parameter makes no sense.
        HistoryError: the history cannot be read.
    """
    if name not in FUNCTIONS:
        raise QuestionError("name", f"is {name!r}, which is none of {', '.join(FUNCTIONS)}")
    module = import_module(f"lambdascope_analytics.analyses.{name}")
    return getattr(module, FUNCTIONS[name])(history, now=now, **parameters)

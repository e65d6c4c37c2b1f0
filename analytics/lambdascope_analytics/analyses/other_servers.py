"""What analyses of functions alone leave out: calls of other MCP servers."""

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.wording import counted
from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement


def left_out_note(history: History, *periods: Period, function_name: str | None) -> tuple[str, ...]:
    """A note that says how many there were; none for who asked about one function. Raises: HistoryError."""
    if function_name:
        return ()
    found = [history.query(statement("functions/elsewhere"), period.parameters)[0]["calls"] for period in periods]
    if not sum(found):
        return ()
    return (
        f"Left out: {counted(sum(found), 'call')} of tools of other MCP servers, for these figures are of functions.",
    )

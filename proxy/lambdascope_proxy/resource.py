"""What MCP clients may read besides calling tools: texts of our own under `lambdascope://`."""

from collections.abc import Callable
from dataclasses import dataclass

from lambdascope_analytics.adhoc.limits import Limits
from lambdascope_analytics.adhoc.reference import reference


@dataclass(frozen=True, slots=True, kw_only=True)
class TextResource:
    """One text: what `resources/list` says of it, and how it is made."""

    uri: str
    name: str
    title: str
    description: str
    read: Callable[[], str]
    mime_type: str = "text/markdown"


def history_schema(limits: Limits) -> TextResource:
    """What to know before writing SQL for `query_history`."""
    return TextResource(
        uri="lambdascope://history/schema",
        name="history-schema",
        title="Schema of the call history",
        description="Views and columns that query_history can read, with worked queries and the limits.",
        read=lambda: reference(limits),
    )

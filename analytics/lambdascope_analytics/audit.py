"""Who called what, when, and how it ended, from the history."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuestion:
    """Which calls: those that began from `since` up to `until`; None does not narrow."""

    since: datetime
    until: datetime
    principal: str | None = None
    tool: str | None = None
    outcome: str | None = None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedCall:
    """One call; what is not known is None. By `request_id`, AWS's own, CloudTrail and the function's log know it."""

    started_at: datetime
    principal: str | None
    client_name: str | None
    session_id: str | None
    transport: str | None
    tool_name: str | None
    target: str | None
    function_name: str | None
    qualifier: str | None
    region: str | None
    account_id: str | None
    invocation_type: str | None
    outcome: str | None
    error_type: str | None
    request_id: str | None
    trace_id: str | None
    call_id: UUID | None


def audited_calls(history: History, question: AuditQuestion) -> list[AuditedCall]:
    """Return the latest calls that the question is about, oldest first.

    Raises:
        HistoryError: the history cannot be read.
    """
    # Only files of that time are opened; a year of calls has many others.
    with history.within(question.since, question.until) as narrowed:
        rows = narrowed.query(statement("audit"), asdict(question))
    return [AuditedCall(**row) for row in reversed(rows)]

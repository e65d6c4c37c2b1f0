"""Asks everything that knows of the executions of one function at once, and puts together what was found."""

from typing import Any, Final

from lambdascope_proxy.call import Progress
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.monitoring.attempts import Attempt, run_together
from lambdascope_proxy.monitoring.execution_question import Found, Question
from lambdascope_proxy.monitoring.execution_sources import ExecutionSources
from lambdascope_proxy.monitoring.limits import ConcurrencyLimits
from lambdascope_proxy.monitoring.log_coverage import usable
from lambdascope_proxy.monitoring.measures import FROM_LOGS

LOOKING: Final = "reading metrics and logs"


class Executions:
    """Answers with at most one GetMetricData call and two Insights queries."""

    def __init__(self, sources: ExecutionSources, limits: ConcurrencyLimits) -> None:
        self._sources = sources
        self._limits = limits

    async def look(self, question: Question, progress: Progress) -> Found:
        """What is known. Raises: CallFailed when everything that was asked of CloudWatch failed."""
        sources, wants_logs = self._sources, not question.wanted.isdisjoint(FROM_LOGS)
        wants_limit = "concurrency" in question.wanted
        metrics = Attempt("metrics", lambda: sources.metrics(question, progress))
        logs = Attempt("log figures", (lambda: sources.figures(question, progress)) if wants_logs else None)
        errors = Attempt(
            "errors from logs", (lambda: sources.errors(question, progress)) if question.include_errors else None
        )
        seen = Attempt("share through this proxy", lambda: sources.seen(question))
        limit = Attempt("concurrency limit", (lambda: self._limits.of(question.function)) if wants_limit else None)
        progress.message = LOOKING
        await run_together([metrics, logs, errors, seen, limit])
        priced = [metrics, logs, errors]
        bill = _bill(priced, question.function.region)
        _require_one(priced, bill)
        counted = metrics.value.value if metrics.value else None
        reported, lacks = usable(
            logs.value.value if logs.value else None, counted, is_qualified=question.qualifier is not None
        )
        return Found(
            metrics=counted,
            logs=reported,
            errors=errors.value.value if errors.value else None,
            seen=seen.value,
            limit=limit.value,
            partial=(*lacks, *_partial([*priced, seen, limit])),
            bill=bill,
            is_cached=all(each.value.is_cached for each in priced if each.value),
        )


def _require_one(attempts: list[Attempt[Any]], bill: Bill) -> None:
    wanted = [attempt for attempt in attempts if attempt.is_wanted]
    failures = [attempt.failure for attempt in wanted if attempt.failure]
    if len(failures) == len(wanted):
        failures[0].bill = bill
        raise failures[0].with_traceback(None)


def _partial(attempts: list[Attempt[Any]]) -> tuple[str, ...]:
    """What is missing, each reason once: both log queries mostly fail of the same."""
    told: dict[str, None] = {}
    reasons: dict[str, str] = {}
    for attempt in attempts:
        if attempt.failure:
            reason = f"{attempt.failure} {attempt.failure.failure.hint}".strip()
            reasons[reason] = f"{reasons[reason]}, {attempt.name}" if reason in reasons else attempt.name
        else:
            told |= dict.fromkeys(getattr(attempt.value, "partial", ()))
    return (*(f"No {names}: {reason}" for reason, names in reasons.items()), *told)


def _bill(attempts: list[Attempt[Any]], region: str) -> Bill:
    bills = [attempt.value.bill if attempt.value else attempt.bill for attempt in attempts]
    return sum((bill for bill in bills if bill), Bill(region=region))

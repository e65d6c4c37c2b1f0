"""What a reader must know to read the figures of executions right, in words. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from lambdascope_proxy.monitoring.execution_question import Found, Question

LAG: Final = timedelta(minutes=3)


def notes_of(question: Question, found: Found) -> tuple[str, ...]:
    """Where the sources lag, count differently or were cut."""
    return (*_of_window(question), *_of_share(found), *_of_qualifier(question, found), *_of_figures(found))


def _of_window(question: Question) -> Iterator[str]:
    if question.asked_at - question.window.end < LAG:
        yield "The window ends within 3 minutes: CloudWatch lags, its newest figures will still grow."


def _of_share(found: Found) -> Iterator[str]:
    if found.seen is None:
        return
    if found.seen.asynchronous:
        yield (
            f"{found.seen.asynchronous} of the executions through this proxy were asynchronous: each counts once, "
            "while CloudWatch counts every attempt."
        )
    counted = found.metrics.whole.get("invocations") if found.metrics else None
    if counted is not None and found.seen.executions > counted:
        yield (
            f"The history has more executions through this proxy ({found.seen.executions}) than CloudWatch in all "
            f"({counted:g}): CloudWatch lags, and the edges of the window are counted differently."
        )


def _of_qualifier(question: Question, found: Found) -> Iterator[str]:
    if question.qualifier and found.logs:
        versions = ", ".join(question.versions)
        yield (
            f"Figures from logs are of version {versions}, however it was called; metrics and the share through this "
            "proxy are of what was called by the qualifier."
        )


def _of_figures(found: Found) -> Iterator[str]:
    if found.metrics and found.metrics.split:
        keys = ", ".join(found.metrics.split)
        yield f"CloudWatch gave several bins, percentiles of which cannot be merged: the highest of {keys}."
    if found.errors and found.errors.is_cut:
        yield "There are more error lines than were read: errors are counted over the newest ones."

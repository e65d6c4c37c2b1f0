"""What `doctor` finds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lambdascope_proxy.aws.failures import failure_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report; a `fail` makes calls fail, a `warn` makes them poorer."""

    subject: str
    status: Literal["ok", "warn", "fail"]
    detail: str
    next_step: str = ""


def attempted(subject: str, otherwise: Literal["warn", "fail"], look: Callable[[], str]) -> Finding:
    """What a look at AWS says; one that fails says why and what to do."""
    try:
        return Finding(subject=subject, status="ok", detail=look())
    except Exception as error:
        failed = failure_of(error, f"checking {subject}")
        return Finding(subject=subject, status=otherwise, detail=str(failed), next_step=failed.failure.hint)

"""What `doctor` finds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report; a `fail` makes calls fail, a `warn` makes them poorer."""

    subject: str
    status: Literal["ok", "warn", "fail"]
    detail: str
    next_step: str = ""

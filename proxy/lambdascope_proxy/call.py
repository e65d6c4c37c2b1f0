"""What crosses the pipeline: a Call going in, an Outcome coming out, and the taxonomy of outcomes."""

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class OutcomeKind(StrEnum):
    """How a call ended: the one taxonomy of history, spans and metrics."""

    OK = "ok"
    ACCEPTED = "accepted"
    DRY_RUN = "dry_run"
    TOOL_ERROR = "tool_error"
    FUNCTION_ERROR = "function_error"
    FUNCTION_TIMEOUT = "function_timeout"
    OUT_OF_MEMORY = "out_of_memory"
    THROTTLED = "throttled"
    INVALID_ARGUMENTS = "invalid_arguments"
    REFUSED = "refused"
    NOT_FOUND = "not_found"
    ACCESS_DENIED = "access_denied"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    AWS_ERROR = "aws_error"
    TRANSPORT_ERROR = "transport_error"
    CANCELLED = "cancelled"

    @property
    def is_failure(self) -> bool:
        """Whether the caller did not get what was asked for."""
        return self not in {OutcomeKind.OK, OutcomeKind.ACCEPTED, OutcomeKind.DRY_RUN}

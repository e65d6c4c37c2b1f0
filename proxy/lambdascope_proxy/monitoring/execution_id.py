"""Reads which execution is asked about: by the id AWS gave the request, or by the id we gave the call. Pure."""

import uuid
from collections.abc import Mapping
from typing import Any

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed


def read_id(arguments: Mapping[str, Any]) -> str:
    """The one id that is asked about, in its usual form. Raises: CallFailed (invalid_arguments)."""
    given = {name: arguments[name] for name in ("request_id", "call_id") if name in arguments}
    if len(given) != 1:
        raise CallFailed(
            OutcomeKind.INVALID_ARGUMENTS,
            "OneId",
            "Give one of request_id and call_id.",
            "Every answer of invoke_function has both; query_logs and query_history show request ids.",
        )
    ((name, value),) = given.items()
    try:
        return str(uuid.UUID(value.strip()))
    except ValueError:
        raise CallFailed(
            OutcomeKind.INVALID_ARGUMENTS,
            "NotAnId",
            f"{name} {value[:80]!r} has the form of neither a request id nor a call id.",
            "Both look like 0196f3a2-7c00-7000-8000-000000000001: 36 characters.",
        ) from None

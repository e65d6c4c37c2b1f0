"""The most frequent errors as structured content: masked, and cut to what tells them apart. Pure."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from lambdascope_proxy.monitoring.failed_requests import TOP
from lambdascope_proxy.monitoring.shown import iso, trimmed
from lambdascope_proxy.monitoring.top_errors import ErrorKind

TYPE_BYTES: Final = 60
MESSAGE_BYTES: Final = 120
LINE_BYTES: Final = 90
LINES: Final = 2


def top_error_data(kinds: Sequence[ErrorKind], scrub: Callable[[str], str]) -> list[dict[str, Any]]:
    """Each of the first few kinds of error with an example."""
    return [_error(kind, scrub) for kind in kinds[:TOP]]


def _error(kind: ErrorKind, scrub: Callable[[str], str]) -> dict[str, Any]:
    return {
        "fingerprint": kind.fingerprint,
        "error_type": trimmed(scrub(kind.error_type), TYPE_BYTES),
        # Masked before it is cut: half a secret may no longer be recognised.
        "message": trimmed(scrub(kind.message), MESSAGE_BYTES),
        "count": kind.count,
        "first_seen": iso(kind.first_at),
        "last_seen": iso(kind.last_at),
        "request_id": kind.request_id,
        "stack": _innermost(scrub("\n".join(kind.stack))),
        **({"logged_only": True} if kind.is_logged_only else {}),
    }


def _innermost(stack: str) -> list[str]:
    """The lines next to the error: Python alone writes them last."""
    lines = [trimmed(line, LINE_BYTES) for line in stack.split("\n") if line.strip()]
    is_python = any('File "' in line for line in lines)
    return lines[-LINES:] if is_python else lines[:LINES]

"""Faults on demand: the next calls of an operation are answered as AWS answers when it throttles, denies or fails."""

import threading
from collections import deque
from dataclasses import dataclass
from urllib.parse import parse_qs

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.wire import Request

_USER = "arn:aws:iam::123456789012:user/local"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How a service calls itself in a signature and in IAM, and what it calls two errors."""

    scope: str
    prefix: str
    throttled: str
    denied: str


_SERVICES = {
    "cloudwatch": _Kind(
        scope="monitoring", prefix="cloudwatch", throttled="ThrottlingException", denied="AccessDenied"
    ),
    "logs": _Kind(scope="logs", prefix="logs", throttled="ThrottlingException", denied="AccessDeniedException"),
    "resourcegroupstaggingapi": _Kind(
        scope="tagging", prefix="tag", throttled="ThrottledException", denied="AccessDeniedException"
    ),
    "sts": _Kind(scope="sts", prefix="sts", throttled="Throttling", denied="AccessDenied"),
}


class Faults:
    """The faults still to come, in the order in which they were asked for; services are named as boto3 names them.

    Services whose operations a path names, as Lambda, are not among them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: dict[tuple[str, str], deque[AwsError]] = {}

    def throttle_next(self, service: str, operation: str, count: int = 1) -> None:
        """Throttle the next calls of an operation. Raises: KeyError, for a service that is not among them."""
        self.fail_next(service, operation, _SERVICES[service].throttled, "Rate exceeded", count=count)

    def deny_next(self, service: str, operation: str, count: int = 1) -> None:
        """Deny the next calls of an operation. Raises: KeyError, for a service that is not among them."""
        kind = _SERVICES[service]
        action = f"{kind.prefix}:{operation}"
        message = f"User: {_USER} is not authorized to perform: {action} because no identity-based policy allows the"
        self.fail_next(service, operation, kind.denied, f"{message} {action} action", status=403, count=count)

    def fail_next(
        self, service: str, operation: str, code: str, message: str, *, status: int = 400, count: int = 1
    ) -> None:
        """Answer the next calls of an operation with an error. Raises: KeyError, as above."""
        key = (_SERVICES[service].scope, operation)
        with self._lock:
            self._coming.setdefault(key, deque()).extend([AwsError(code, message, status)] * count)

    def left(self) -> int:
        """How many faults no call has met yet."""
        with self._lock:
            return sum(map(len, self._coming.values()))

    def meet(self, request: Request) -> None:
        """Let a request pass, or refuse it. Raises: AwsError, the fault that was due."""
        with self._lock:
            coming = self._coming.get((request.scope.service, _operation(request)))
            fault = coming.popleft() if coming else None
        if fault:
            raise AwsError(fault.code, fault.message, fault.status)


def _operation(request: Request) -> str:
    if target := request.headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        return parse_qs((request.body or b"").decode("latin-1")).get("Action", [""])[0]
    return ""

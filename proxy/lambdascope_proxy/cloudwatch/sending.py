"""Sends the requests of one question to CloudWatch, each in a thread: throttles wait, refusals name the permission."""

import random
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import anyio

from lambdascope_proxy.aws.failures import failure_of
from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.threads import Threads

R = TypeVar("R")
Sleep = Callable[[float], Awaitable[None]]

BUDGET_S: Final = 20.0
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0
_THROTTLES: Final = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "LimitExceeded",
    "LimitExceededException",  # of StartQuery: too many queries run at once
    "RequestLimitExceeded",
}


class Sender:
    """The requests of one question to one place. Together they may wait `BUDGET_S` for throttles to pass.

    These waits come on top of botocore's own two retries of each request.
    """

    def __init__(self, places: Places, threads: Threads, place: Place, *, sleep: Sleep = anyio.sleep) -> None:
        self.place = place
        self._places = places
        self._threads = threads
        self._sleep = sleep
        self._left_s = BUDGET_S

    async def send(self, action: str, doing: str, request: Callable[[Any], R]) -> R:
        """What `request` returns, given a client; `action` is the IAM action it needs, `doing` completes "while ...".

        A cancelled caller stops waiting; a request under way is not taken back.

        Raises: CallFailed, with a cause and a next step.
        """
        service = action.partition(":")[0]
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._threads.run(lambda: request(self._places.reader(service, self.place)))
            except Exception as error:
                pause_s = _jittered_s(attempt)
                if not _is_throttle(error) or pause_s > self._left_s:
                    raise _told(error, action, doing, self.place.region) from error
            self._left_s -= pause_s
            await self._sleep(pause_s)


def _jittered_s(attempt: int) -> float:
    # Full jitter: those who were throttled together must not come back together.
    return random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (attempt - 1)))  # noqa: S311 -- no secret


def _is_throttle(error: Exception) -> bool:
    response: dict[str, Any] = getattr(error, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return response.get("Error", {}).get("Code") in _THROTTLES or status == 429


def _told(error: Exception, action: str, doing: str, region: str) -> CallFailed:
    failed = failure_of(error, doing, region)
    if failed is error:
        return failed
    name = failed.failure.error_type
    if _is_throttle(error):
        hint = f"AWS throttled {action} for {BUDGET_S:g} s: ask again in a minute, for fewer functions at once."
        return CallFailed(OutcomeKind.THROTTLED, name, str(failed), hint)
    if name.startswith("AccessDenied"):
        hint = f"Allow {action} to the role lambdascope runs with."
        return CallFailed(OutcomeKind.ACCESS_DENIED, name, f"{action} is not allowed. {failed}", hint)
    # The second is what CloudWatch Logs calls it.
    if failed.kind is OutcomeKind.INVALID_ARGUMENTS or name == "InvalidParameterException":
        return CallFailed(OutcomeKind.INVALID_ARGUMENTS, name, str(failed), "Correct what was asked and ask again.")
    return failed

"""Ends a call that has had no answer for too long."""

import asyncio
from dataclasses import dataclass, replace

from lambdascope_proxy.call import Call, Failure, Next, Outcome, OutcomeKind, cancelled_outcome


@dataclass(frozen=True, slots=True)
class TimeoutStep:
    """Around one attempt. What the target knows of it by then is kept, as when the caller goes away."""

    timeout_s: float

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """A call that took too long is a transport_error: what became of it is not known."""
        limit = asyncio.timeout(self.timeout_s)
        try:
            async with limit:
                return await call_next(call)
        except TimeoutError as error:
            if not limit.expired() or error.__cause__ is None:
                raise
            known = cancelled_outcome(error.__cause__, call.progress.bill)
        return replace(known, kind=OutcomeKind.TRANSPORT_ERROR, failure=self._failure(call))

    def _failure(self, call: Call) -> Failure:
        runs_on = (
            "The function runs on, and AWS bills it"
            if call.aim.target == "lambda"
            else "The other server was told to stop, and may be at it still"
        )
        hint = f"{runs_on}: call again only if it may run twice. LAMBDASCOPE_CALL_TIMEOUT_S sets the limit."
        return Failure(error_type="CallTimeout", message=f"No answer came in {self.timeout_s:g} s.", hint=hint)

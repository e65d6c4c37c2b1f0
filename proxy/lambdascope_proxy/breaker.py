"""A circuit breaker: after failures in a row it refuses for a while, then tries one call. Pure, told the time.

No library, as none was found that judges by outcomes: purgatory and aiobreaker count exceptions, let any number of
calls through while half open, and read the time of day.
"""

from enum import IntEnum


class State(IntEnum):
    """As the metric has it."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Breaker:
    """One breaker. Each call it admits has a ticket, which is void once the state has changed since."""

    def __init__(self, failures: int, open_s: float) -> None:
        self._failures = failures
        self._open_s = open_s
        self._in_a_row = 0
        self._opened_at = 0.0
        self._is_trying = False
        self._ticket = 0
        self.state = State.CLOSED

    def admit(self, now: float) -> int | None:
        """The ticket of a call that may go; None when it is refused."""
        if self.state is State.OPEN and now >= self._opened_at + self._open_s:
            self._change(State.HALF_OPEN)
        if self.state is State.OPEN or self._is_trying:
            return None
        self._is_trying = self.state is State.HALF_OPEN
        return self._ticket

    def refuses_for_s(self, now: float) -> float:
        """Seconds until a call is tried again; 0 when one is being tried."""
        return max(0.0, self._opened_at + self._open_s - now) if self.state is State.OPEN else 0.0

    def end(self, ticket: int, is_failure: bool | None, now: float) -> None:
        """How an admitted call ended; None when that says nothing of whether the other side works.

        Calls that began before the last change say how things were then.
        """
        if ticket != self._ticket:
            return
        self._is_trying = False
        if is_failure is None:
            return
        self._in_a_row = self._in_a_row + 1 if is_failure else 0
        if is_failure and (self.state is State.HALF_OPEN or self._in_a_row >= self._failures):
            self._opened_at = now
            self._change(State.OPEN)
        elif not is_failure and self.state is State.HALF_OPEN:
            self._change(State.CLOSED)

    def _change(self, state: State) -> None:
        self.state, self._is_trying = state, False
        self._ticket += 1

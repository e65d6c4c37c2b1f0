"""The `requestState` of a call that waits for approval: only we can have made it, for this call, and it works once.

The client hands it back with the answer (revision 2026-07-28) and could hand back anything. The key is this process's
own: what another process, or this one before a restart, gave out is refused, and the person is asked anew.
"""

import base64
import hashlib
import hmac
import json
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lambdascope_proxy.call import Call

LIFETIME_S: Final = 600.0
_TAG_BYTES: Final = 32


class InvalidStateError(Exception):
    """A state that does not prove anything; the message says why, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What an earlier answer to this very call left; `inner` is the other server's own state, if it asked too."""

    is_approved: bool
    inner: str | None
    asked_at: float


class RequestStates:
    """Makes and opens them; `now` gives seconds since the epoch."""

    def __init__(self, now: Callable[[], float], *, lifetime_s: float = LIFETIME_S, key: bytes | None = None) -> None:
        self._now = now
        self._lifetime_s = lifetime_s
        self._key = key or os.urandom(32)
        self._used: OrderedDict[str, float] = OrderedDict()

    def seal(self, call: Call, *, is_approved: bool = False, inner: str | None = None) -> str:
        """A state for this call, to be handed back within its lifetime."""
        at = self._now()
        claims = {"call": _binding(call), "at": at, "id": os.urandom(12).hex(), "yes": is_approved, "inner": inner}
        body = json.dumps(claims, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._tag(body) + body).decode()

    def open(self, call: Call, state: object) -> State:
        """What the state says, once. Raises: InvalidStateError."""
        claims = self._claims(state)
        if not hmac.compare_digest(claims["call"], _binding(call)):
            raise InvalidStateError("it is of another call or another caller")
        if self._now() >= claims["at"] + self._lifetime_s:
            raise InvalidStateError("it has expired")
        if claims["id"] in self._used:
            raise InvalidStateError("it was used before")
        self._use(claims["id"])
        return State(is_approved=claims["yes"], inner=claims["inner"], asked_at=claims["at"])

    def _claims(self, state: object) -> dict[str, Any]:
        # A client may send anything: revisions that do not know the field do not check it either.
        try:
            sealed = base64.b64decode(str(state).encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:
            raise InvalidStateError("it is none of ours") from None
        tag, body = sealed[:_TAG_BYTES], sealed[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(body)):
            raise InvalidStateError("it is none of ours")
        return json.loads(body)

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")

    def _use(self, identity: str) -> None:
        now = self._now()
        while self._used and next(iter(self._used.values())) <= now:
            self._used.popitem(last=False)
        self._used[identity] = now + self._lifetime_s


def _binding(call: Call) -> str:
    """What makes it this call and no other: who calls which tool with which arguments."""
    caller = call.caller
    said = [caller.principal, caller.session_id, call.tool.spec.name, call.aim.target, call.arguments]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

"""Gives the result of a tool that only reads again to the same principal, instead of asking for it again."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, Final

from lambdascope_proxy import names
from lambdascope_proxy.call import Call, Invocation, Next, Outcome, OutcomeKind
from lambdascope_proxy.measure import not_sent
from lambdascope_proxy.response_cache import ResponseCache
from lambdascope_proxy.steps.settle import settle
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Labels, Meters

CACHE_META: Final = "dev.lambdascope/cache"


@dataclass(slots=True)
class Flight:
    """A call that is on its way, and how it ended; None if its caller gave up, or if it may not be shared."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: Outcome | None = None


class CacheStep:
    """Calls that ask the same at the same time are one: the others wait for its outcome, also when it failed.

    `functions` are patterns of the functions that only read: no tool that invokes them can know.
    """

    def __init__(self, cache: ResponseCache, functions: Sequence[str] = (), meters: Meters | None = None) -> None:
        self._cache = cache
        self._functions = functions
        self._meters = meters
        self._flights: dict[bytes, Flight] = {}
        if meters:
            meters.watch(m.CACHE_SIZE, self._read_size)

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """The kept result, marked as such in `_meta`, else the outcome of the call."""
        if not self._may_keep(call):
            return await call_next(call)
        key = _key(call)
        while flight := self._flights.get(key):
            await flight.ended.wait()
            if flight.outcome:
                return self._shared(call, flight.outcome)
        if kept := self._cache.read(key):
            return self._hit(call, *kept)
        self._count(call, "miss")
        return await self._ask(key, call, call_next)

    async def _ask(self, key: bytes, call: Call, call_next: Next) -> Outcome:
        flight, asked_when = Flight(), self._cache.emptied
        self._flights[key] = flight
        try:
            outcome = await settle(call, call_next)
            if _may_be_shared(call, outcome):
                flight.outcome = outcome
            if outcome.kind is OutcomeKind.OK and flight.outcome and (body := _body(outcome)):
                self._cache.keep(key, body, call.aim.target, asked_when=asked_when)
            return outcome
        finally:
            del self._flights[key]
            flight.ended.set()

    def _may_keep(self, call: Call) -> bool:
        client = call.client
        if client and (client.input_responses is not None or client.request_state is not None):
            return False  # what the client's people answered belongs to this call alone
        if call.function is None:
            return call.tool.spec.read_only
        is_plain = call.aim.invocation_type in {None, "RequestResponse"} and not call.aim.wants_log
        return is_plain and any(fnmatchcase(call.function.name, pattern) for pattern in self._functions)

    def _hit(self, call: Call, body: bytes, age_s: float) -> Outcome:
        self._count(call, "hit")
        told = {"hit": True, "age_s": round(age_s, 1)}
        note = (f"This result is {age_s:.0f} s old: it was kept (LAMBDASCOPE_CACHE_TTL_S).",)
        return Outcome(
            kind=OutcomeKind.OK,
            **json.loads(body),
            notes=note if call.aim.target == "lambda" else (),
            invocation=_nothing_sent(call),
            meta={CACHE_META: told},
        )

    def _shared(self, call: Call, outcome: Outcome) -> Outcome:
        self._count(call, "shared")
        told = {"hit": not outcome.kind.is_failure, "age_s": 0.0}
        meta = {**outcome.meta, CACHE_META: told}
        return replace(outcome, invocation=_nothing_sent(call), trace=None, log_tail=None, bill=None, meta=meta)

    def _count(self, call: Call, result: str) -> None:
        if self._meters:
            labels = {names.TOOL_NAME: call.tool.spec.name, names.TARGET: call.aim.target, names.RESULT: result}
            self._meters.add(m.CACHE_LOOKUPS, 1, labels)

    def _read_size(self) -> list[tuple[float, Labels]]:
        return [(self._cache.size_bytes, {})]


def _key(call: Call) -> bytes:
    """Who asks which tool with which arguments. Their order says nothing; sessions of a principal share."""
    asked = json.dumps(call.arguments, sort_keys=True, separators=(",", ":"))
    # The whole name: what other guards cut off could be all that tells two people apart.
    principal = call.caller.principal or ""
    return hashlib.sha256(json.dumps([principal, call.tool.spec.name, asked]).encode()).digest()


def _may_be_shared(call: Call, outcome: Outcome) -> bool:
    """Whether it is a whole answer, and to the arguments alone: what a client was asked concerns that client."""
    if call.progress.was_asked:
        return False
    return outcome.wire is None or outcome.wire.get("resultType", "complete") == "complete"


def _body(outcome: Outcome) -> bytes:
    """What is kept of an outcome; nothing where it is nested too deeply to be written."""
    kept: Mapping[str, Any] = {"text": outcome.text, "data": outcome.data, "wire": outcome.wire}
    try:
        return json.dumps(kept, separators=(",", ":")).encode()
    except RecursionError:
        return b""


def _nothing_sent(call: Call) -> Invocation:
    """How the history tells a kept result: no attempt was made, and it cost exactly nothing."""
    known = not_sent(call.function, len(call.payload)) if call.function else Invocation(attempts=0)
    return replace(known, cost_usd=Decimal(0), cost_source="measured")

"""The functions an agent may see: read after the first answer, kept for a while, refreshed in the background."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import anyio

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import NOTHING_ALLOWED, Function, Selection

log = logging.getLogger(__name__)
MISS_REFRESH_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The functions as last read; `stale_reason` says why a later read failed."""

    functions: tuple[Function, ...]
    by_name: Mapping[str, Function]
    read_at: datetime
    has_tags: bool
    stale_reason: str = ""


Discover = Callable[[bool], Awaitable[tuple[Function, ...]]]
Changed = Callable[[], Awaitable[None]]


class Catalog:
    """Caches what `discover(with_tags)` finds. One read at a time; those who wait share it."""

    def __init__(
        self,
        discover: Discover,
        selection: Selection,
        *,
        ttl_s: float,
        with_tags: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.selection = selection
        self._discover = discover
        self._ttl_s = ttl_s
        self._with_tags = with_tags
        self._clock = clock
        self._lock = anyio.Lock()
        self._snapshot: Snapshot | None = None
        self._tried_at = float("-inf")
        self._on_change: list[Changed] = []

    def on_change(self, listener: Changed) -> None:
        """Calls the listener whenever a read finds other functions than the one before."""
        self._on_change.append(listener)

    @property
    def known(self) -> Snapshot | None:
        """What is cached, if anything; never reads."""
        return self._snapshot

    async def snapshot(self, *, with_tags: bool = False) -> Snapshot:
        """The functions, at most a TTL old. Raises CallFailed when they were never read and cannot be."""
        if self.selection.is_empty:
            raise CallFailed(OutcomeKind.REFUSED, "NothingAllowed", NOTHING_ALLOWED)
        return await self._read(older_than_s=self._ttl_s, with_tags=with_tags)

    async def find(self, name: str) -> Function:
        """The function of this name. Raises CallFailed: refused when not allowed, else not_found."""
        snapshot = await self.snapshot()
        if found := snapshot.by_name.get(name):
            return found
        if not self.selection.admits_name(name):
            raise self._refused(name)
        snapshot = await self._read(older_than_s=MISS_REFRESH_S)
        if found := snapshot.by_name.get(name):
            return found
        raise self._not_found(name)

    async def keep_fresh(self) -> None:
        """Reads again at every TTL, for ever."""
        while True:
            try:
                await self.snapshot()
            except CallFailed as failure:
                log.warning("functions could not be read, trying again: %s", failure)
            await anyio.sleep(self._ttl_s)

    async def _read(self, *, older_than_s: float, with_tags: bool = False) -> Snapshot:
        async with self._lock:
            current = self._snapshot
            # Tags that were read once are kept fresh; that they cannot be read fails only those who want them.
            with_tags = with_tags or self._with_tags or (current is not None and current.has_tags)
            is_recent = self._clock() - self._tried_at < older_than_s
            if current and is_recent and (current.has_tags or not with_tags):
                return current
            return await self._read_now(current, with_tags)

    async def _read_now(self, current: Snapshot | None, with_tags: bool) -> Snapshot:
        try:
            functions = await self._discover(with_tags)
        except CallFailed as failure:
            if current is None or (with_tags and not current.has_tags):
                raise
            log.warning("functions could not be read again, keeping those of %s: %s", current.read_at, failure)
            stale = replace(current, stale_reason=f"{failure} {failure.failure.hint}".strip())
            self._snapshot, self._tried_at = stale, self._clock()
            return stale
        by_name = {function.name: function for function in functions}
        fresh = Snapshot(functions=functions, by_name=by_name, read_at=datetime.now(UTC), has_tags=with_tags)
        self._snapshot, self._tried_at = fresh, self._clock()
        if current is not None and _is_changed(current, fresh):
            await self._announce()
        return fresh

    async def _announce(self) -> None:
        for listener in self._on_change:
            try:
                await listener()
            except Exception:
                log.exception("telling clients that the functions changed failed")

    def _refused(self, name: str) -> CallFailed:
        return CallFailed(
            OutcomeKind.REFUSED,
            "NotAllowed",
            f"Function {name!r} is not among those allowed ({self.selection.describe()}).",
            "Call one that list_functions shows, or ask the operator to widen the setting.",
        )

    def _not_found(self, name: str) -> CallFailed:
        return CallFailed(
            OutcomeKind.NOT_FOUND,
            "FunctionNotFound",
            f"There is no function {name!r} among those allowed ({self.selection.describe()}).",
            "Give a plain name as list_functions shows it (an alias or version goes into qualifier); check AWS_REGION.",
        )


def _is_changed(before: Snapshot, after: Snapshot) -> bool:
    """Whether the functions differ; that tags were read for the first time is no difference."""
    if before.has_tags == after.has_tags:
        return before.functions != after.functions
    return [replace(f, tags=None) for f in before.functions] != [replace(f, tags=None) for f in after.functions]

"""The functions an agent may see: read after the first answer, kept for a while, refreshed in the background."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import NOTHING_ALLOWED, Function, Selection

log = logging.getLogger(__name__)
MISS_REFRESH_S = 10.0
FAILURE_STANDS_S = 2.0
RETRY_FAILED_S = 30.0
LISTENER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The functions as last read, by the names they are called by; `stale_reason` says why a later read failed.

    `unread` says which accounts could not be read at all, where several are looked at.
    """

    functions: tuple[Function, ...]
    by_name: Mapping[str, Function]
    read_at: datetime
    has_tags: bool
    stale_reason: str = ""
    unread: tuple[str, ...] = ()


Discover = Callable[[bool], Awaitable[tuple[Function, ...]]]
Read = Callable[[], Awaitable[None]]


class Catalog:
    """Caches what `discover(with_tags)` finds.

    What is cached is handed out at once, however old: reads happen beside the calls, one at a time, and those who must
    wait for the first one share it.
    """

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
        self._known: Snapshot | None = None
        self._failure: CallFailed | None = None
        self._failed_with_tags = False
        self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._on_read: list[Read] = []

    def on_read(self, listener: Read) -> None:
        """Calls the listener after each read that succeeded."""
        self._on_read.append(listener)

    @property
    def known(self) -> Snapshot | None:
        """What is cached, if anything; never reads."""
        return self._known

    @property
    def failure(self) -> CallFailed | None:
        """Why the last read failed, if it did."""
        return self._failure

    def peek(self) -> Snapshot | None:
        """What is cached, if anything, at once; where a read is due, or a failed one is to be repeated, it begins."""
        due_s = min(self._ttl_s, RETRY_FAILED_S) if self._failure else self._ttl_s
        if not self.selection.is_empty and self._clock() - self._tried_at >= due_s:
            self._begin_reading()
        return self._known

    async def be_read(self) -> None:
        """Returns when the read that is under way, if any, has ended, however it ends."""
        if self._reading is not None:
            await asyncio.shield(self._reading)

    async def snapshot(self, *, with_tags: bool = False) -> Snapshot:
        """The functions as last read. Raises CallFailed when they were never read, or not with tags, and cannot be."""
        if self.selection.is_empty:
            raise CallFailed(OutcomeKind.REFUSED, "NothingAllowed", NOTHING_ALLOWED)
        if self._known is None or not self._has(with_tags):
            return await self._read(with_tags)
        if self._clock() - self._tried_at >= self._ttl_s:
            self._begin_reading()
        return self._known

    async def find(self, name: str) -> Function:
        """The function of this name. Raises CallFailed: refused when not allowed, else not_found."""
        found = (await self.snapshot()).by_name.get(name)
        if found is None and self.selection.admits_name(name) and self._clock() - self._tried_at >= MISS_REFRESH_S:
            # It may have been deployed a moment ago.
            found = (await self._read(with_tags=False)).by_name.get(name)
        if found is not None:
            return found
        raise self._not_found(name) if self.selection.admits_name(name) else self._refused(name)

    async def keep_fresh(self) -> None:
        """Reads again at every TTL, for ever; sooner after a failure."""
        while True:
            await asyncio.shield(self._begin_reading())
            await asyncio.sleep(min(self._ttl_s, RETRY_FAILED_S) if self._failure else self._ttl_s)

    async def _read(self, with_tags: bool) -> Snapshot:
        """Waits for a read that brings what is wanted; a failure of a moment ago stands for everybody who asks."""
        if not self._failed_just_now(with_tags):
            await asyncio.shield(self._begin_reading(with_tags))
            if self._failure is None and not self._has(with_tags):
                # The read that was joined had begun without tags.
                await asyncio.shield(self._begin_reading(with_tags))
        if self._known is not None and self._has(with_tags):
            return self._known
        assert self._failure is not None, "a read ends with functions or with a failure"
        raise self._failure.with_traceback(None)

    def _failed_just_now(self, with_tags: bool) -> bool:
        # A read that failed for its tags says nothing of one without.
        says_enough = self._failure is not None and (with_tags or not self._failed_with_tags)
        return says_enough and self._clock() - self._tried_at < FAILURE_STANDS_S

    def _has(self, with_tags: bool) -> bool:
        return self._known is not None and (self._known.has_tags or not with_tags)

    def _begin_reading(self, with_tags: bool = False) -> asyncio.Task[None]:
        if self._reading is None:
            # Tags that were read once are kept fresh; that they cannot be read fails only those who want them.
            wants = with_tags or self._with_tags or (self._known is not None and self._known.has_tags)
            self._reading = asyncio.create_task(self._read_now(wants))
        return self._reading

    async def _read_now(self, with_tags: bool) -> None:
        """One read. Never raises: its end is `_known` or `_failure`."""
        try:
            functions = await self._discover(with_tags)
        except CallFailed as failure:
            self._note_failure(failure)
        except Exception as error:
            log.exception("reading the functions failed inside lambdascope")
            hint = "This is a defect of lambdascope: its log has the details."
            message = "lambdascope failed while reading the functions."
            self._note_failure(CallFailed(OutcomeKind.TOOL_ERROR, type(error).__name__, message, hint))
        else:
            by_name = {function.name: function for function in functions}
            now = datetime.now(UTC)
            self._known = Snapshot(functions=functions, by_name=by_name, read_at=now, has_tags=with_tags)
            self._failure = None
        finally:
            self._failed_with_tags = with_tags and not self._with_tags
            self._tried_at, self._reading = self._clock(), None
        if self._failure is None:
            await self._tell()

    def _note_failure(self, failure: CallFailed) -> None:
        log.warning("the functions could not be read: %s", failure)
        self._failure = failure
        if self._known is not None:
            self._known = replace(self._known, stale_reason=f"{failure} {failure.failure.hint}".strip())

    async def _tell(self) -> None:
        for listener in self._on_read:
            try:
                await asyncio.wait_for(listener(), LISTENER_S)
            except Exception:
                log.exception("telling of the functions that were read failed")

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

"""One session with one upstream, kept open by a task of its own: opened when needed, opened again when lost."""

import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Final, cast

import anyio

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed, UpstreamGone, UpstreamNonsense
from lambdascope_proxy.upstreams.metering import UpstreamMeter
from lambdascope_proxy.upstreams.spec import Upstream

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.wire.link import Link

log = logging.getLogger(__name__)
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 60.0
# A session that held this long was a good one: the next loss is not a sign of an upstream that cannot stay up.
SETTLED_S: Final = 10.0
# A call waits so long for the next attempt rather than fail at once.
PATIENCE_S: Final = 2.0
Open = Callable[[], "AbstractAsyncContextManager[Link]"]


class Connection:
    """`run` is the task that owns the session; everybody else asks for the link and never opens or closes anything.

    `on_open` is awaited with each new link, while the session is kept open; `last_words` are what the upstream wrote
    beside the protocol, already masked.
    """

    def __init__(
        self,
        spec: Upstream,
        opening: Open,
        *,
        on_open: "Callable[[Link], Coroutine[Any, Any, None]]",
        meter: UpstreamMeter | None = None,
        last_words: Callable[[], tuple[str, int]] = lambda: ("", 0),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.spec = spec
        self._opening, self._on_open, self._last_words, self._clock = opening, on_open, last_words, clock
        self._meter = meter or UpstreamMeter(None, spec)
        self._wanted = anyio.Event()
        self._changed = anyio.Event()
        self._link: Link | None = None
        self._failure: CallFailed | None = None
        self._next_attempt = 0.0
        self.opened = 0

    @property
    def current(self) -> "Link | None":
        """The link, if there is one now."""
        return self._link if self._link and not self._link.closed.is_set() else None

    @property
    def failure(self) -> CallFailed | None:
        """Why there is none, once an attempt failed."""
        return None if self.current else self._failure

    def want(self) -> None:
        """Has it opened soon; returns at once."""
        self._wanted.set()

    async def link(self) -> "Link":
        """The open session, waited for where it is being opened. Raises CallFailed(transport_error)."""
        self.want()
        while True:
            if link := self.current:
                return link
            if self._failure and self._next_attempt - self._clock() > PATIENCE_S:
                raise self._refusal(self._failure)
            await self._changed.wait()

    async def run(self) -> None:
        """Keeps it open until cancelled; after a loss it opens again at once, then after longer and longer pauses."""
        await self._wanted.wait()
        pause_s = 0.0
        while True:
            began = self._clock()
            was_open = await self._hold()
            if was_open and self._clock() - began > SETTLED_S:
                pause_s = 0.0
            self._next_attempt = self._clock() + pause_s
            self._tell()
            await anyio.sleep(pause_s)
            pause_s = min(max(FIRST_PAUSE_S, pause_s * 2), LONGEST_PAUSE_S)

    async def _hold(self) -> bool:
        """One session from its opening to its end, and whether there was one; `failure` says why there is none."""
        opened = self.opened
        try:
            with anyio.fail_after(self.spec.start_timeout_s) as opening:
                async with self._opening() as link:
                    opening.deadline = float("inf")
                    await self._serve(link)
        except Exception as error:
            self._note(_cause(error))
            if self.opened == opened:
                self._meter.refused()
        finally:
            self._link = None
        return self.opened > opened

    async def _serve(self, link: "Link") -> None:
        self._link, self._failure = link, None
        self.opened += 1
        began = self._clock()
        self._meter.connected()
        log.info("upstream %s is there, speaking %s", self.spec.name, link.protocol_version)
        self._tell()
        is_lost = False
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._on_open, link)
                await link.closed.wait()
                is_lost = True
                tasks.cancel_scope.cancel()
        finally:
            self._meter.ended(self._clock() - began, link.protocol_version, is_lost=is_lost)
        raise UpstreamGone("the connection ended")

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _note(self, error: BaseException) -> None:
        before, self._failure = self._failure, self._failed(error)
        if before is None or str(before) != str(self._failure):
            log.warning("%s", self._failure)

    def _failed(self, error: BaseException) -> CallFailed:
        words, nonsense = self._last_words()
        reason = str(error) or type(error).__name__
        if isinstance(error, TimeoutError):
            reason = f"it did not answer within {self.spec.start_timeout_s:g} s (start_timeout_s)"
        said = f" It wrote: {words}" if words else ""
        return CallFailed(
            OutcomeKind.TRANSPORT_ERROR,
            _word(error, nonsense),
            f"The upstream {self.spec.name} cannot be reached: {reason}.{said}",
            f"Check its command or URL under [upstreams.{self.spec.name}]; `lambdascope doctor` tries it.",
        )

    def _refusal(self, failure: CallFailed) -> CallFailed:
        wait_s = max(0.0, self._next_attempt - self._clock())
        told = failure.failure
        return CallFailed(failure.kind, told.error_type, told.message, f"{told.hint} Tried again in {wait_s:.0f} s.")


def _cause(error: BaseException) -> BaseException:
    """What went wrong, out of the groups that task groups wrap it in."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


def _word(error: BaseException, nonsense: int) -> str:
    if isinstance(error, UpstreamNonsense) or (nonsense and isinstance(error, TimeoutError)):
        return "UpstreamNonsense"
    return "UpstreamGone" if isinstance(error, UpstreamGone) else "UpstreamNotStarted"


def facts(connection: Connection) -> Mapping[str, Any]:
    """How it stands, for people: whether it is there, what it speaks, why not."""
    link, failure = connection.current, connection.failure
    return {
        "state": "open" if link else "failed" if failure else "not opened",
        "protocol_version": link.protocol_version if link else None,
        "opened": connection.opened,
        "reason": str(failure) if failure else None,
    }

"""The keys of an authorization server as far as they are known: fetched seldom, and kept while it is away."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from jwt import PyJWK

from lambdascope_proxy.access.key_server import KeysUnreachable
from lambdascope_proxy.access.key_set import KeySet

log = logging.getLogger(__name__)
# After that they are asked for anew, beside the requests: a key that was taken back must not stay good.
FRESH_S: Final = 600.0
# However many tokens name keys that nobody knows, the key server is asked this seldom.
PAUSE_S: Final = 30.0
# So long known keys go on being good while the key server does not answer.
GOOD_S: Final = 86_400.0


class KeysUnavailable(Exception):
    """Whether the token's key is good cannot be told now: the key server does not answer."""


class KeyRing:
    """Finds keys by id; one fetch at a time, whoever waits for it."""

    def __init__(self, fetch: Callable[[], Awaitable[KeySet]], clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys = KeySet()
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._has_failed = False
        self._asking: asyncio.Task[None] | None = None

    async def find(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        """The key, or None if the key server has none of that id. Raises: KeysUnavailable."""
        known = self._known(key_id, algorithm)
        if known and self._age() < FRESH_S:
            return known
        self._ask()
        if known:
            return known
        if self._asking:
            # Whoever goes away must not take the answer from the others.
            await asyncio.shield(self._asking)
        found = self._known(key_id, algorithm)
        if found is None and self._has_failed:
            raise KeysUnavailable
        return found

    def _known(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        return self._keys.find(key_id, algorithm) if self._age() < GOOD_S else None

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock() - self._fetched_at

    def _ask(self) -> None:
        now = self._clock()
        is_asking = self._asking is not None and not self._asking.done()
        if is_asking or (self._asked_at is not None and now - self._asked_at < PAUSE_S):
            return
        self._asked_at = now
        self._asking = asyncio.create_task(self._fetch_now())

    async def _fetch_now(self) -> None:
        try:
            self._keys = await self._fetch()
        except KeysUnreachable as error:
            if not self._has_failed:
                log.warning("the keys of the authorization server cannot be read, known ones stay good: %s", error)
            self._has_failed = True
            return
        except Exception:
            log.exception("fetching the keys of the authorization server failed, known ones stay good")
            self._has_failed = True
            return
        self._has_failed, self._fetched_at = False, self._clock()

"""How seldom keys are fetched, and how long they stay good while they cannot be."""

import asyncio
import logging

import anyio
import pytest
from issuing.issuer import jwk_of

from lambdascope_proxy.access.key_ring import FRESH_S, GOOD_S, PAUSE_S, KeyRing, KeysUnavailable
from lambdascope_proxy.access.key_server import KeysUnreachable
from lambdascope_proxy.access.key_set import KeySet, read_key_set

pytestmark = pytest.mark.anyio


class Source:
    """A key server by script; the clock stands still until it is moved."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids
        self.asked = 0
        self.fails: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.now = 1000.0
        self.ring = KeyRing(self.fetch, lambda: self.now)

    async def fetch(self) -> KeySet:
        self.asked += 1
        if self.gate:
            await self.gate.wait()
        if self.fails:
            raise self.fails
        return read_key_set({"keys": [jwk_of(each, "EC") for each in self.ids]})

    async def has(self, kid: str) -> bool:
        return await self.ring.find(kid, "ES256") is not None

    async def settle(self) -> None:
        """Lets a fetch beside the requests come to its end."""
        assert self.ring._asking is not None
        await self.ring._asking


async def test_keys_are_fetched_when_first_needed_and_then_known() -> None:
    source = Source("a")
    assert source.asked == 0
    assert [await source.has("a") for _ in range(5)] == [True] * 5
    assert source.asked == 1


async def test_however_many_tokens_name_unknown_keys_the_server_is_asked_once_a_pause() -> None:
    # Anybody can make up key ids; each must not become a request to somebody else's server.
    source = Source("a")
    assert not any([await source.has(str(number)) for number in range(100)])
    assert source.asked == 1
    source.now += PAUSE_S
    assert not any([await source.has(str(number)) for number in range(100)])
    assert source.asked == 2


async def test_a_key_that_is_new_is_found_after_the_pause_and_one_taken_back_is_gone() -> None:
    source = Source("a")
    assert await source.has("a")
    source.ids = ("b",)
    assert not await source.has("b")
    source.now += PAUSE_S
    assert await source.has("b")
    assert not await source.has("a")


async def test_keys_are_fetched_anew_beside_the_requests_once_they_are_not_fresh() -> None:
    source = Source("a")
    await source.has("a")
    source.ids, source.now, source.gate = (), source.now + FRESH_S, asyncio.Event()
    source.ids = ("b",)
    # Known: nobody waits for the fetch, though it takes long.
    with anyio.fail_after(10):
        assert await source.has("a")
    source.gate.set()
    await source.settle()
    assert source.asked == 2
    assert not await source.has("a")


async def test_all_who_come_meanwhile_wait_for_one_fetch_and_one_who_leaves_takes_it_from_nobody() -> None:
    source = Source("a")
    source.gate = asyncio.Event()
    waiting = [asyncio.create_task(source.has("a")) for _ in range(10)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    source.gate.set()
    assert await asyncio.gather(*waiting[1:]) == [True] * 9
    assert source.asked == 1


@pytest.mark.parametrize("failure", [KeysUnreachable("down"), RuntimeError("a defect")])
async def test_while_the_server_is_down_known_keys_go_on_and_unknown_ones_are_not_judged(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    source = Source("a")
    await source.has("a")
    source.fails = failure
    source.now += FRESH_S
    with caplog.at_level(logging.WARNING):
        assert await source.has("a")
        await source.settle()
        for _ in range(3):
            with pytest.raises(KeysUnavailable):
                await source.has("unknown")
    assert source.asked == 2
    assert [record.levelname for record in caplog.records] in (["WARNING"], ["ERROR"])
    source.fails, source.now = None, source.now + PAUSE_S
    assert not await source.has("unknown")


async def test_known_keys_do_not_stay_good_for_ever() -> None:
    # Whoever can keep us from the key server could otherwise keep a key alive that was taken back.
    source = Source("a")
    await source.has("a")
    source.fails, source.now = KeysUnreachable("down"), source.now + GOOD_S
    with pytest.raises(KeysUnavailable):
        await source.has("a")


async def test_a_server_that_never_answered_lets_nobody_in() -> None:
    source = Source("a")
    source.fails = KeysUnreachable("down")
    with pytest.raises(KeysUnavailable):
        await source.has("a")

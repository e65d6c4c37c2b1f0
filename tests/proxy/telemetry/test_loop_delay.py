"""How late the event loop is."""

import asyncio
import time
from typing import Any

import pytest

from lambdascope_proxy.telemetry import loop_delay

pytestmark = pytest.mark.anyio


async def test_what_holds_the_loop_up_is_seen(metered: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # A blocking call in one tool makes all others wait; nothing else shows it.
    monkeypatch.setattr(loop_delay, "EVERY_S", 0.01)
    measuring = asyncio.create_task(loop_delay.measure_loop_delay(metered.meters))
    await asyncio.sleep(0)
    held_up = time.monotonic() + 0.2
    while time.monotonic() < held_up:
        pass
    # The timer is long due: its turn comes as soon as the loop has one.
    await asyncio.sleep(0.05)
    read = metered.read()
    measuring.cancel()
    ((count, total),) = read["lambdascope.event_loop.delay"].values()
    assert count >= 1
    assert total >= 0.15

"""Measures how late the event loop is: time in which no call gets on."""

import asyncio
import time

from lambdascope_proxy.telemetry.meters import Meters
from lambdascope_proxy.telemetry.metric_table import EVENT_LOOP_DELAY

EVERY_S = 1.0


async def measure_loop_delay(meters: Meters) -> None:
    """Records it once a second, until cancelled."""
    while True:
        due = time.monotonic() + EVERY_S
        await asyncio.sleep(EVERY_S)
        meters.record(EVENT_LOOP_DELAY, max(0.0, time.monotonic() - due), {})

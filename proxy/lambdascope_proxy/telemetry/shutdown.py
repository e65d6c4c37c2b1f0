"""Ends telemetry within one budget: the SDK's own shutdown can take half a minute when no collector answers."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)
# Of two seconds for the whole end of a process: the rest is for the history, and a machine that is busy.
SHUTDOWN_BUDGET_S = 1.2


def shut_down(shutdowns: Sequence[Callable[[], None]]) -> bool:
    """Gives all exporters the same moment; says so on the log when that was not enough. Returns whether it was."""
    threads = [threading.Thread(target=shutdown, daemon=True) for shutdown in shutdowns]
    deadline = time.monotonic() + SHUTDOWN_BUDGET_S
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    if not any(thread.is_alive() for thread in threads):
        return True
    log.warning(
        "the last telemetry could not be exported within %.1f s and is lost: is the collector there?", SHUTDOWN_BUDGET_S
    )
    return False

"""Sleeps for longer than it may run."""

import time
from typing import Any


def handler(event: Any, context: Any) -> Any:
    time.sleep(60)

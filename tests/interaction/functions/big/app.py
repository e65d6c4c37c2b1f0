"""Returns a long text in which characters take one to four bytes."""

from typing import Any


def handler(event: Any, context: Any) -> Any:
    return "aé€😀" * event["times"]

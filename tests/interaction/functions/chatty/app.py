"""Prints megabytes of log."""

import sys
from typing import Any

LINE = "x" * 1023 + "\n"


def handler(event: Any, context: Any) -> Any:
    for _ in range(event["megabytes"]):
        sys.stdout.write(LINE * 1024)
    sys.stdout.write("the last line\n")
    return "done"

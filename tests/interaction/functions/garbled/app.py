"""Writes bytes to its log that are not UTF-8."""

import sys
from typing import Any


def handler(event: Any, context: Any) -> Any:
    sys.stdout.buffer.write(b"caf\xe9 \xff\xfe\x00 \xf0\x9f\n")
    sys.stdout.buffer.flush()
    return "written"

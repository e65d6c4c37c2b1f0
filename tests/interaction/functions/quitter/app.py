"""Ends its process in the middle of an invocation."""

import sys
from typing import Any


def handler(event: Any, context: Any) -> Any:
    sys.exit(3)

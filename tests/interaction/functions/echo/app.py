"""Returns what reached it: the event, and both carriers of the trace."""

import os
from typing import Any


def handler(event: Any, context: Any) -> Any:
    client_context = context.client_context
    return {
        "event": event,
        "custom": client_context.custom if client_context else None,
        "w3c": context.w3c() if hasattr(context, "w3c") else None,
        "xray": os.environ.get("_X_AMZN_TRACE_ID"),
    }

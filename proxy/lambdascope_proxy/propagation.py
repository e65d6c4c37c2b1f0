"""Puts a trace into the ClientContext of an Invoke, where the function finds it. The payload is never touched."""

import base64
import json

from lambdascope_proxy.call import TraceIds

CLIENT_CONTEXT_BYTES = 3583


def client_context(trace: TraceIds) -> str:
    """The ClientContext that carries this trace; empty when AWS would refuse it as too long."""
    carrier = {"traceparent": trace.traceparent}
    if trace.tracestate:
        carrier["tracestate"] = trace.tracestate
    # `custom` is what every runtime shows to the handler; `w3c` is where the Python runtime client looks itself.
    text = json.dumps({"custom": carrier, "w3c": carrier}, separators=(",", ":"))
    encoded = base64.b64encode(text.encode()).decode()
    return encoded if len(encoded) <= CLIENT_CONTEXT_BYTES else ""

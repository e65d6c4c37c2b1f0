"""Hands the trace to a function: W3C in ClientContext, X-Ray as a header. The payload is never touched."""

import base64
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from lambdascope_proxy.call import TraceIds

CLIENT_CONTEXT_BYTES = 3583

_sent = threading.local()


def client_context(trace: TraceIds) -> str:
    """The ClientContext that carries this trace; empty when AWS would refuse it as too long."""
    carrier = {"traceparent": trace.traceparent}
    if trace.tracestate:
        carrier["tracestate"] = trace.tracestate
    # `custom` is what every runtime shows to the handler; `w3c` is where the Python runtime client looks itself.
    text = json.dumps({"custom": carrier, "w3c": carrier}, separators=(",", ":"))
    encoded = base64.b64encode(text.encode()).decode()
    return encoded if len(encoded) <= CLIENT_CONTEXT_BYTES else ""


@contextmanager
def sending(xray_header: str) -> Generator[None]:
    """Requests that this thread signs inside carry the X-Ray header, if there is one."""
    _sent.xray = xray_header
    try:
        yield
    finally:
        _sent.xray = ""


def install_xray_header(client: Any) -> None:
    """Makes a boto3 Lambda client add the header of `sending`; botocore leaves it out of the signature."""
    client.meta.events.register("before-sign.lambda.Invoke", _add_header)


def _add_header(request: Any, **_: Any) -> None:
    if header := getattr(_sent, "xray", ""):
        request.headers["X-Amzn-Trace-Id"] = header

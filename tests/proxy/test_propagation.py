"""The trace as ClientContext hands it to a function."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import TraceIds
from lambdascope_proxy.propagation import CLIENT_CONTEXT_BYTES, client_context

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"


def ids(tracestate: str = "") -> TraceIds:
    return TraceIds(
        trace_id="0af7651916cd43dd8448eb211c80319c", span_id=None, traceparent=TRACEPARENT, tracestate=tracestate
    )


def test_the_client_context_holds_the_trace_where_runtimes_look_for_it() -> None:
    carrier = {"traceparent": TRACEPARENT, "tracestate": "vendor=1"}
    assert json.loads(base64.b64decode(client_context(ids("vendor=1")))) == {"custom": carrier, "w3c": carrier}


def test_an_empty_tracestate_is_not_sent() -> None:
    assert json.loads(base64.b64decode(client_context(ids())))["w3c"] == {"traceparent": TRACEPARENT}


@given(st.integers(0, 4000))
def test_a_context_that_aws_would_refuse_is_left_out(length: int) -> None:
    encoded = client_context(ids("v" * length))
    assert len(encoded) <= CLIENT_CONTEXT_BYTES
    room = CLIENT_CONTEXT_BYTES // 4 * 3  # base64 makes four characters of three bytes
    size = len(
        json.dumps(
            {"custom": (c := {"traceparent": TRACEPARENT, "tracestate": "v" * length}), "w3c": c}, separators=(",", ":")
        )
    )
    assert bool(encoded) is (size <= room or length == 0)

"""Events out of a stream, however it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.errors import ResultTooLarge
from lambdascope_proxy.upstreams.wire.events import Event, Events

STREAM = (
    b": a comment\r\n\r\n"
    b'event: message\r\ndata: {"a": 1}\r\nid: 5\r\n\r\n'
    b"retry: 250\n\n"
    b"data: one\ndata:two\n\n"
    b"data: never ended"
)
EVENTS = [Event(data=b'{"a": 1}', id="5"), Event(data=b"", retry_s=0.25), Event(data=b"one\ntwo")]


@given(st.integers(1, 50))
def test_events_are_the_same_however_the_stream_is_cut(size: int) -> None:
    reader = Events(1_000)
    chunks = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]
    assert [event for chunk in chunks for event in reader.feed(chunk)] == EVENTS


@pytest.mark.parametrize("text", [b"data: " + b"x" * 2_000 + b"\n\n", b"data: " + b"x" * 2_000, b"data: x\n" * 2_000])
def test_an_event_of_more_bytes_than_are_taken_ends_the_stream(text: bytes) -> None:
    reader = Events(1_000)
    with pytest.raises(ResultTooLarge, match="1000 are taken"):
        list(reader.feed(text))

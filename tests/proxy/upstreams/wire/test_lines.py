"""Lines out of chunks, and of lines that are too long only whom they answered."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.upstreams.wire.lines import Lines, TooLong


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=8), st.integers(1, 30))
def test_lines_are_the_same_however_they_are_cut_into_chunks(lines: list[bytes], size: int) -> None:
    written = b"".join(line + b"\n" for line in lines)
    cutter = Lines(1_000)
    chunks = [written[start : start + size] for start in range(0, len(written), size)]
    assert [line for chunk in chunks for line in cutter.feed(chunk)] == lines
    assert cutter.size == 0


@pytest.mark.parametrize(
    ("form", "request_id"),
    [
        ('{{"jsonrpc":"2.0","id":7,"result":{{"text":"{fill}"}}}}', 7),
        ('{{"result":{{"text":"{fill}"}},"jsonrpc":"2.0","id":7}}', 7),
        ('{{"result":{{"text":"{fill}"}},"id":"seven","jsonrpc":"2.0"}}', "seven"),
        # An id inside the result is not that of the answer.
        ('{{"jsonrpc":"2.0","result":{{"id":3,"text":"{fill}"}}}}', None),
    ],
)
def test_of_a_line_that_is_too_long_the_id_is_found_at_either_end(form: str, request_id: Any) -> None:
    line = form.format(fill="x" * 5_000).encode()
    cutter = Lines(1_000)
    chunks = [line[start : start + 100] for start in range(0, len(line), 100)]
    found = [each for chunk in [*chunks, b"\n", b"next\n"] for each in cutter.feed(chunk)]
    assert found == [TooLong(bytes=len(line), request_id=request_id), b"next"]


def test_what_is_kept_of_an_endless_line_is_bounded() -> None:
    cutter = Lines(10_000)
    for _ in range(1_000):
        assert list(cutter.feed(b"x" * 10_000)) == []
    assert sum(map(len, cutter._parts)) <= 20_000  # pyright: ignore[reportPrivateUsage] -- memory shows nowhere else
    assert json.dumps(cutter.size) == "10000000"

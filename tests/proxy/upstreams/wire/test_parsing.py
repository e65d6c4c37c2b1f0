"""JSON that fast parsers and UTF-8 do not take."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.errors import UpstreamNonsense
from lambdascope_proxy.upstreams.wire.parsing import encode_message, mended, parse

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


@given(ANY_TEXT)
def test_what_was_read_can_be_written_and_whole_characters_stay(text: str) -> None:
    message = parse(json.dumps({"jsonrpc": "2.0", "said": text}).encode())
    # Adjoining halves are a pair by JSON's rules; all other halves are replaced.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert message["said"].encode().decode() == message["said"]
    if "\ufffd" not in whole:
        assert message["said"] == whole


@given(ANY_TEXT)
def test_every_message_becomes_one_line(text: str) -> None:
    line = encode_message({"said": text})
    assert b"\n" not in line
    assert json.loads(line)["said"] == json.loads(json.dumps(text))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\ud83d"', "\ufffd"),
        (r'"\ude00x"', "\ufffdx"),
        (r'"\\ud83d"', r"\ud83d"),
        (r'"\\\ud83d"', "\\\ufffd"),
    ],
)
def test_halves_of_pairs_are_replaced_and_nothing_else(written: str, read: str) -> None:
    assert json.loads(mended(written)) == read


@pytest.mark.parametrize("body", [b"", b"what?", b"[1]", b'{"jsonrpc": "1.0"}', b'"text"', b"[" * 100_000])
def test_what_is_no_message_is_nonsense(body: bytes) -> None:
    with pytest.raises(UpstreamNonsense):
        parse(body)


def test_deep_results_are_read() -> None:
    deep = 500
    body: Any = json.loads('{"a":' * deep + "1" + "}" * deep)
    assert parse(json.dumps({"jsonrpc": "2.0", "result": body}).encode())["result"] == body

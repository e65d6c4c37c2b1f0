"""JSON that was cut becomes JSON again, with a note where it was cut."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.privacy.json_closing import NOTE_KEY, close_json
from lambdascope_analytics.privacy.json_tokens import NotJsonError

NOTE = "[cut: the whole has 9 bytes]"


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("", NOTE),
        ("[", [NOTE]),
        ("[1, 2", [1, NOTE]),  # 2 may have been the beginning of 20
        ("[1, 2,", [1, 2, NOTE]),
        ("[tru", [NOTE]),
        ('{"a": 1', {NOTE_KEY: NOTE}),
        ('{"a": 1,', {"a": 1, NOTE_KEY: NOTE}),
        ('{"a": 1, "b', {"a": 1, NOTE_KEY: NOTE}),
        ('{"a": 1, "b"', {"a": 1, NOTE_KEY: NOTE}),
        ('{"a": 1, "b":', {"a": 1, NOTE_KEY: NOTE}),
        ('{"a": {"b": [1, {"c": "long te', {"a": {"b": [1, {"c": f"long te {NOTE}"}]}}),
        ('["x\\', [f"x {NOTE}"]),
        ('["x\\\\', [f"x\\ {NOTE}"]),
        ('["x\\u00', [f"x {NOTE}"]),
        ('["x\\ud83d', [f"x {NOTE}"]),
        ('["x\\ud83d\\ude0', [f"x\ud83d {NOTE}"]),
        ('["x\\\\u00', [f"x\\u00 {NOTE}"]),
        ('{"a": []', {"a": [], NOTE_KEY: NOTE}),
        ('{"a": "b"}', {"a": "b"}),
    ],
)
def test_what_is_open_is_closed_and_the_note_stands_where_something_is_missing(text: str, closed: Any) -> None:
    assert json.loads(close_json(text, NOTE)) == closed


@pytest.mark.parametrize(
    "text", ["[INFO] started", "{name} said", "hello world", "hello", "aGVsbG8", "[1}", "[1] 2", '{"a":1,,']
)
def test_what_does_not_begin_as_json_is_refused(text: str) -> None:
    with pytest.raises(NotJsonError):
        close_json(text, NOTE)


documents = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


@given(document=documents, cut=st.integers(0, 300), ensure_ascii=st.booleans())
def test_json_cut_anywhere_can_be_read_again(document: Any, cut: int, ensure_ascii: bool) -> None:
    whole = json.dumps({"a": [document], "b": document}, ensure_ascii=ensure_ascii)
    json.loads(close_json(whole[:cut], NOTE))

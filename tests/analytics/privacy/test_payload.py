"""What is kept of a payload: bounded, masked, still JSON, and never half a secret."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.privacy.json_closing import NOTE_KEY
from lambdascope_analytics.privacy.keeping import NO_ROOM
from lambdascope_analytics.privacy.mask import MASK
from lambdascope_analytics.privacy.patterns import OwnPattern
from lambdascope_analytics.privacy.payload import kept_payload
from lambdascope_analytics.privacy.scrubber import WITHHELD, Scrubber

LIMIT, MARGIN = 300, 64
KEY = "AKIAIOSFODNN7EXAMPLE"


def kept(payload: bytes, scrubber: Scrubber | None = None, limit: int = LIMIT) -> str:
    head = payload[: limit + MARGIN]
    return kept_payload(head, whole_bytes=len(payload), limit=limit, margin=MARGIN, scrubber=scrubber)


def redacted(payload: bytes, limit: int = LIMIT) -> str:
    return kept(payload, Scrubber(), limit)


@pytest.mark.parametrize("text", ['{"a": 1}', "plain text", "null", '"é"', "not { json"])
def test_what_fits_and_holds_no_secret_is_kept_as_it_is(text: str) -> None:
    assert kept(text.encode()) == redacted(text.encode()) == text


def test_full_keeps_secrets_and_redacted_does_not() -> None:
    payload = b'{"password":"hunter2","card":4111111111111111}'
    assert kept(payload) == payload.decode()
    assert json.loads(redacted(payload)) == {"password": MASK, "card": MASK}
    assert redacted(b"password=hunter2 and more") == f"password={MASK} and more"


def test_what_is_cut_stays_json_and_says_how_long_it_was() -> None:
    payload = json.dumps({"items": [{"n": n} for n in range(1000)]}).encode()
    for shown in (kept(payload), redacted(payload)):
        assert len(shown.encode()) <= LIMIT
        items = json.loads(shown)["items"]
        assert items[:3] == [{"n": 0}, {"n": 1}, {"n": 2}]
        assert f"[cut: the whole has {len(payload)} bytes]" in shown


def test_a_text_that_is_cut_says_so_at_its_end() -> None:
    shown = redacted(b"[INFO] line\n" * 100)
    assert shown.startswith("[INFO] line\n[INFO] line")
    assert shown.endswith("[cut: the whole has 1200 bytes]")
    assert len(shown) <= LIMIT


@pytest.mark.parametrize("shape", ["[{}]", '{{"log": "{}"}}', "log: {}", '{{"body": "{{\\"a\\": \\"{}\\"}}"}}'])
@pytest.mark.parametrize("filler", ["x ", "bob@example.com ", "é "])
def test_no_half_of_a_secret_is_kept_wherever_the_cut_goes(shape: str, filler: str) -> None:
    """Cut first and scrubbed then, its beginning would stay: AKIAIOSF is no key any more."""
    for offset in range(LIMIT - 60, LIMIT + MARGIN + 10):
        inner = (filler * LIMIT)[:offset] + f" {KEY} " + "y" * 500
        text = shape.format(f'"{inner}"' if shape == "[{}]" else inner)
        assert "AKI" not in redacted(text.encode())


def test_where_masks_make_a_payload_short_the_torn_end_still_goes() -> None:
    """Long secrets leave room, so what is kept reaches to the end of what was looked at."""
    payload = f"password={'z' * (LIMIT + MARGIN - 20)} {KEY}".encode()
    assert "AKI" not in redacted(payload[: LIMIT + MARGIN - 5] + b"x" * 100)
    assert "AKI" not in redacted(payload)


def test_bytes_that_are_no_text_are_only_counted() -> None:
    assert json.loads(kept(b"\x89PNG\r\n\x1a\n" + b"\x00" * 5000)) == "[not text: 5008 bytes]"
    assert json.loads(redacted(b"\xff")) == "[not text: 1 bytes]"


def test_a_cut_through_a_character_is_no_reason_to_call_it_no_text() -> None:
    for shift in range(4):
        assert "\U0001f600" in kept(("x" * shift + "\U0001f600" * 500).encode())


def test_a_pattern_that_is_too_slow_withholds_the_payload() -> None:
    slow = Scrubber([OwnPattern("1", r"(?:q|qq|q\w)+!")])
    payload = json.dumps({"a": "hunter2", "b": "q" * 5_000}).encode()
    assert json.loads(kept(payload, slow, 10_000)) == WITHHELD


def test_brackets_nested_by_the_thousand_leave_room_to_close_them() -> None:
    shown = redacted(b'[{"a":' * 5_000 + b"1")
    assert len(shown) <= LIMIT
    json.loads(shown)


documents = st.recursive(
    st.none() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=8), inner, max_size=8),
    max_leaves=60,
)


@given(document=documents, ensure_ascii=st.booleans(), limit=st.integers(256, 600), is_redacted=st.booleans())
def test_json_is_kept_as_json_within_the_limit(
    document: Any, ensure_ascii: bool, limit: int, is_redacted: bool
) -> None:
    payload = json.dumps({"password": "hunter2", "v": document}, ensure_ascii=ensure_ascii).encode("utf-8", "replace")
    shown = kept(payload, Scrubber() if is_redacted else None, limit)
    assert len(shown.encode("utf-8", "replace")) <= limit
    json.loads(shown)
    assert is_redacted is ("hunter2" not in shown)


def test_pages_say_what_a_reader_of_the_history_finds() -> None:
    """Who queries payloads looks for these words."""
    page = (Path(__file__).parents[3] / "docs" / "privacy.md").read_text(encoding="utf-8").replace("\n", " ")
    notes = ("[cut: the whole has 52341 bytes]", "[not text: 5008 bytes]", json.loads(NO_ROOM), MASK, f"`{NOTE_KEY}`")
    assert [note for note in notes if note not in page] == []

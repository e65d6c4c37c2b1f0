"""Payloads that wait for the writer take bounded memory, and each is counted in and out."""

import json

from lambdascope_analytics.privacy.keeping import MARGIN_BYTES, NO_ROOM, PayloadKeeper
from lambdascope_analytics.privacy.mask import MASK
from lambdascope_analytics.privacy.scrubber import Scrubber

REQUEST, RESPONSE = b'{"password": "x"}', b'{"ok": true}'


def test_a_row_gets_both_payloads_masked() -> None:
    keeper = PayloadKeeper(limit=1000, scrubber=Scrubber())
    row = {"request_bytes": len(REQUEST), "response_bytes": len(RESPONSE), **keeper.take(REQUEST, RESPONSE)}
    assert keeper.keep(row) == {"request_payload": f'{{"password": "{MASK}"}}', "response_payload": '{"ok": true}'}


def test_an_empty_payload_has_no_column() -> None:
    keeper = PayloadKeeper(limit=1000, scrubber=None)
    assert keeper.take(b"", b"") == {}
    assert keeper.keep({"response_payload": None}) == {}


def test_only_the_beginning_of_a_payload_waits() -> None:
    """Ten thousand waiting rows of 6 MB each would be 60 GB."""
    keeper = PayloadKeeper(limit=1000, scrubber=None)
    row = {"request_bytes": 6_000_000, **keeper.take(b"x" * 6_000_000, b"")}
    assert row["request_payload"] == b"x" * (1000 + MARGIN_BYTES)
    shown = keeper.keep(row)["request_payload"]
    assert len(shown) <= 1000
    assert shown.endswith("[cut: the whole has 6000000 bytes]")


def test_without_room_a_payload_says_so_and_room_comes_back() -> None:
    keeper = PayloadKeeper(limit=1000, scrubber=None, room_bytes=2000)
    first, second = keeper.take(b"a" * 900, b"b" * 900), keeper.take(b"c" * 900, b"")
    assert second == {"request_payload": NO_ROOM}
    assert keeper.keep(second) == {"request_payload": NO_ROOM}
    json.loads(NO_ROOM)
    keeper.release(first)
    assert keeper.take(b"d" * 1000, b"e" * 1000) == {"request_payload": b"d" * 1000, "response_payload": b"e" * 1000}

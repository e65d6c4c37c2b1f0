"""Parameters are read with their types, and what is wrong is named by its path."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.metrics.asked import Asked, asked_of
from lambdascope_proxy.local.wire import MAX_BODY_BYTES, Request


def request(body: bytes | None, **headers: str) -> Request:
    return Request(method="POST", path="/", query={}, headers=headers, body=body, request_id="r")


ASKED = Asked({"text": "a", "number": 1.5, "nan": float("nan"), "flag": 1, "null": None, "list": [{"x": 1}, {"x": ""}]})


def test_members_are_found_by_their_path() -> None:
    first, second = ASKED.each("list")
    assert (first.path("x"), second.path("x")) == ("list.member.1.x", "list.member.2.x")
    assert first.integer("x") == 1
    assert not ASKED.has("null")
    assert ASKED.each("absent") == []


WRONG: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: ASKED.text("absent"), "MissingParameter", "The parameter absent is required"),
    (lambda: ASKED.text("null"), "MissingParameter", "null is required"),
    (lambda: ASKED.text("number"), "SerializationException", "number is of the wrong type"),
    (lambda: ASKED.integer("number"), "SerializationException", "number"),
    (lambda: ASKED.flag("flag", default=True), "SerializationException", "flag"),
    (lambda: ASKED.number("nan"), "ValidationError", "nan"),
    (lambda: ASKED.number("text"), "SerializationException", "text"),
    (lambda: ASKED.numbers("list"), "SerializationException", "list.member.1"),
    (lambda: ASKED.texts("list"), "SerializationException", "list.member.1"),
    (lambda: ASKED.each("list")[1].integer("x"), "SerializationException", "list.member.2.x"),
    (lambda: ASKED.each("list")[1].only("y"), "ValidationError", "list.member.2.x is not implemented"),
]


@pytest.mark.parametrize(("read", "code", "message"), WRONG)
def test_what_is_missing_or_of_another_type_is_refused(read: Callable[[], Any], code: str, message: str) -> None:
    with pytest.raises(AwsError, match=message) as caught:
        read()
    assert caught.value.code == code


def test_a_compressed_request_is_read_like_a_plain_one() -> None:
    body = json.dumps({"a": "b"}).encode()
    assert asked_of(request(body)).text("a") == "b"
    assert asked_of(request(gzip.compress(body), **{"content-encoding": "gzip"})).text("a") == "b"
    assert not asked_of(request(b"")).has("a")


BOMB = gzip.compress(b" " * (MAX_BODY_BYTES + 1))


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b"null"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(AwsError) as caught:
        asked_of(request(body))
    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize("body", [BOMB, gzip.compress(b"{}")[:-3], b"{}"], ids=["too large", "cut off", "not gzip"])
def test_what_does_not_decompress_is_refused(body: bytes) -> None:
    with pytest.raises(AwsError) as caught:
        asked_of(request(body, **{"content-encoding": "gzip"}))
    assert caught.value.code == "SerializationException"

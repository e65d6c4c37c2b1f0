"""The lines between who asks and who answers: values come out as they went in."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.asking.messages import decode, encode

MOMENTS = st.datetimes(timezones=st.just(UTC))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    MOMENTS,
    st.decimals(allow_nan=False, allow_infinity=False),
)


@given(st.dictionaries(st.text(), st.one_of(VALUES, st.lists(VALUES), st.dictionaries(st.text(min_size=1), VALUES))))
def test_a_message_comes_back_as_it_was_sent(message: dict[str, object]) -> None:
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1, "a message is one line"
    assert decode(line) == message


def test_a_decimal_keeps_its_digits_and_a_time_its_moment_and_zone() -> None:
    """An equal float, or an equal time without its zone, would pass a comparison alone."""
    elsewhere = datetime(2026, 11, 22, 10, 0, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    back = decode(encode({"money": Decimal("0.000000208000"), "at": elsewhere}))
    assert isinstance(back["money"], Decimal)
    assert str(back["money"]) == "2.08000E-7"
    assert back["at"].isoformat() == "2026-11-22T10:00:00.000001+05:30"


def test_a_uuid_comes_back_as_its_text() -> None:
    text = "01935a2b-7c00-7000-8000-000000000001"
    assert decode(encode({"id": UUID(text)})) == {"id": text}


def test_what_only_looks_like_a_tagged_value_stays_a_mapping() -> None:
    odd = {"a": {"$time": 5}, "b": {"$decimal": "1", "more": 1}}
    assert decode(encode(odd)) == odd


@pytest.mark.parametrize(("value", "error"), [({1, 2}, TypeError), (datetime(2026, 1, 1), ValueError)])  # noqa: DTZ001 -- that it is refused is the test
def test_a_value_that_could_not_come_back_is_refused(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        encode({"value": value})


@pytest.mark.parametrize("line", [b"", b"[1]\n", b"{\n", b"\xff\n", b'{"at": {"$time": "noon"}}\n'])
def test_what_is_no_message_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode(line)

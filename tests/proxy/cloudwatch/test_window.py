"""The time a question is about: what `time_range` may say, and that anything else is refused in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA, Window, read_window
from lambdascope_proxy.errors import CallFailed

NOW = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
KEPT_S = 15 * 86_400


def read(time_range: Any, **more: Any) -> Window:
    return read_window(time_range, NOW, **{"retention_s": KEPT_S, **more})


@pytest.mark.parametrize(
    ("last", "seconds"),
    [("90s", 90), ("15m", 900), ("3h", 10_800), ("2d", 172_800), ("1w", 604_800), ("1.5h", 5400), (" 3 h ", 10_800)],
)
def test_last_reaches_back_from_now(last: str, seconds: int) -> None:
    window = read({"last": last})
    assert (window.seconds, window.end) == (seconds, NOW)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"),
        ("2026-11-22T10:00:00", "2026-11-22T11:00:00"),  # no zone: UTC
        ("2026-11-22T12:00:00+02:00", "2026-11-22T06:00:00-05:00"),
    ],
)
def test_both_ends_are_read_as_utc(start: str, end: str) -> None:
    ten = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert read({"start": start, "end": end}) == Window(start=ten, end=ten + timedelta(hours=1))


def test_a_day_alone_is_its_first_moment() -> None:
    assert read({"start": "2026-11-21"}).start == datetime(2026, 11, 21, tzinfo=UTC)


def test_without_an_end_it_is_now_and_an_end_in_the_future_is_cut_to_now() -> None:
    assert read({"start": "2026-11-22T10:00:00Z"}).end == NOW
    assert read({"start": "2026-11-22T10:00:00Z", "end": "2026-11-23T00:00:00Z"}).end == NOW


@pytest.mark.parametrize("nothing", [None, {}])
def test_nothing_said_means_the_default(nothing: Any) -> None:
    assert read(nothing).seconds == 3 * 3600
    assert read(nothing, default_s=60).seconds == 60


@pytest.mark.parametrize(
    ("time_range", "words"),
    [
        ({"last": "3 hours"}, "last is '3 hours'"),
        ({"last": "0h"}, "above zero"),
        ({"last": "-3h"}, "last is '-3h'"),
        ({"last": "h"}, "last is 'h'"),
        ({"last": 3}, "last is 3"),
        ({"last": None}, "last is None"),
        ({"last": "٣h"}, "last is"),  # digits of another script
        ({"last": "9" * 400 + "w"}, "last is"),
        ({"last": "9" * 30 + "w"}, "before any calendar"),
        ({"last": "9999w"}, "kept for 15 days only"),
        ({"last": "1h", "start": "2026-11-22T10:00:00Z"}, "takes one form"),
        ({"end": "2026-11-22T10:00:00Z"}, "no start"),
        ({"start": "yesterday"}, "start is 'yesterday'"),
        ({"start": 1_700_000_000}, "start is 1700000000"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "no time in ISO 8601"),
        ({"start": "2026-11-22T10:00:00Z", "end": "soon"}, "end is 'soon'"),
        ({"start": "2026-11-22T11:00:00Z", "end": "2026-11-22T10:00:00Z"}, "not before its end"),
        ({"start": "2026-11-22T11:00:00Z", "end": "2026-11-22T11:00:00Z"}, "not before its end"),
        ({"start": "2026-11-22T13:00:00Z", "end": "2026-11-22T14:00:00Z"}, "in the future"),
        ({"start": "2026-10-22T13:00:00Z"}, "kept for 15 days only"),
        ({"since": "3h"}, "no 'since'"),
    ],
)
def test_anything_else_is_refused_with_what_is_wrong_and_what_to_do(time_range: Any, words: str) -> None:
    with pytest.raises(CallFailed) as refused:
        read(time_range)
    assert words in str(refused.value)
    assert refused.value.kind is OutcomeKind.INVALID_ARGUMENTS
    assert refused.value.failure.error_type == "InvalidTimeRange"
    assert refused.value.failure.hint


def test_exactly_as_far_back_as_data_is_kept_is_allowed() -> None:
    assert read({"last": "15d"}).seconds == KEPT_S


def test_a_window_too_old_is_told_the_earliest_start_that_would_do() -> None:
    with pytest.raises(CallFailed) as refused:
        read({"last": "16d"})
    earliest = refused.value.failure.hint.split()[2]
    assert earliest == "2026-11-07T12:00:00Z"


def test_the_schema_takes_both_forms_and_names_no_other_words() -> None:
    schema = jsonschema.Draft202012Validator(TIME_RANGE_SCHEMA)
    jsonschema.Draft202012Validator.check_schema(TIME_RANGE_SCHEMA)
    assert schema.is_valid({"last": "3h"})
    assert schema.is_valid({"start": "2026-11-22T10:00:00Z", "end": "2026-11-22T11:00:00Z"})
    assert not schema.is_valid({"last": 3})
    # Every tool that takes it repeats it: other words are refused by read_window, which says what to give instead.
    assert set(TIME_RANGE_SCHEMA["properties"]) == {"last", "start", "end"}
    with pytest.raises(CallFailed, match="'since'"):
        read({"since": "3h"})


scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers())
times = st.datetimes().map(datetime.isoformat)


@given(st.dictionaries(st.sampled_from(["last", "start", "end", "other"]), scalar | times))
def test_whatever_is_said_gives_a_window_that_is_kept_and_past_or_a_refusal(time_range: dict[str, Any]) -> None:
    # Catches a parser that crashes on odd input: the model would read a stack trace instead of what to correct.
    try:
        window = read(time_range)
    except CallFailed:
        return
    assert NOW - timedelta(seconds=KEPT_S) <= window.start < window.end <= NOW
    assert window.start.utcoffset() == window.end.utcoffset() == timedelta(0)

"""Events come back once each, in order, whatever the pages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.account import Account
from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.log_events import MAX_PAGE_BYTES, filter_log_events, get_log_events
from lambdascope_proxy.local.log_groups import LogGroup, LogGroups
from lambdascope_proxy.local.logs import Journal, LogEvent

GROUP = LogGroup(name="g", created_ms=0, log_class="STANDARD")


def groups(*events: tuple[int, str, str]) -> LogGroups:
    """A group with events of (time, stream, message)."""
    journal = Journal()
    for timestamp_ms, stream, message in events:
        journal.add_event(LogEvent(timestamp_ms=timestamp_ms, group="g", stream=stream, message=message))
        journal.add_event(LogEvent(timestamp_ms=timestamp_ms, group="another", stream=stream, message="other"))
    return LogGroups(Account((), region="us-east-1", account_id="123456789012"), journal)


def pages(of: LogGroups, **asked: Any) -> list[list[str]]:
    """The messages of all pages."""
    found = [filter_log_events(of, GROUP, asked)]
    while "nextToken" in found[-1]:
        found.append(filter_log_events(of, GROUP, asked | {"nextToken": found[-1]["nextToken"]}))
    return [[event["message"] for event in page["events"]] for page in found]


FOUR = groups((30, "s2", "d"), (10, "s1", "a x"), (20, "s2", "b"), (20, "s1", "c x"))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [["a x", "b", "c x", "d"]]),
        ({"limit": 3}, [["a x", "b", "c x"], ["d"]]),
        ({"startTime": 20}, [["b", "c x", "d"]]),
        ({"startTime": 11, "endTime": 20}, [["b", "c x"]]),
        ({"logStreamNames": ["s1"]}, [["a x", "c x"]]),
        ({"logStreamNamePrefix": "s2"}, [["b", "d"]]),
        ({"filterPattern": "x"}, [[], ["a x", "c x"]]),
        ({"filterPattern": "x", "limit": 1}, [[], ["a x"], ["c x"]]),
        ({"filterPattern": "none"}, [[]]),
        ({"startTime": 31}, [[]]),
    ],
)
def test_a_search_finds_these_events_in_these_pages(asked: dict[str, Any], expected: list[list[str]]) -> None:
    assert pages(FOUR, **asked) == expected


def test_a_page_holds_no_more_than_a_megabyte() -> None:
    assert [len(page) for page in pages(groups(*[(1, "s", "é" * (MAX_PAGE_BYTES // 5))] * 5))] == [2, 2, 1]


def test_one_event_above_a_megabyte_is_a_page() -> None:
    assert [len(page) for page in pages(groups((1, "s", "x" * (MAX_PAGE_BYTES + 1)), (2, "s", "y")))] == [1, 1]


@given(times=st.lists(st.integers(0, 5), max_size=30), limit=st.integers(1, 7))
def test_every_event_is_on_one_page(times: list[int], limit: int) -> None:
    """Catches an event lost or doubled where a page ends within a millisecond."""
    of = groups(*[(time_ms, "s", str(number)) for number, time_ms in enumerate(times)])
    found = [int(message) for page in pages(of, limit=limit) for message in page]
    assert found == sorted(range(len(times)), key=lambda number: (times[number], number))


def test_events_written_meanwhile_do_not_shift_the_pages() -> None:
    journal = Journal()
    of = LogGroups(Account((), region="us-east-1", account_id="123456789012"), journal)
    for time_ms in (1, 2, 3):
        journal.add_event(LogEvent(timestamp_ms=time_ms, group="g", stream="s", message=str(time_ms)))
    first = filter_log_events(of, GROUP, {"limit": 2})
    journal.add_event(LogEvent(timestamp_ms=0, group="g", stream="s", message="0"))
    rest = filter_log_events(of, GROUP, {"limit": 2, "nextToken": first["nextToken"]})
    assert [event["message"] for event in rest["events"]] == ["3"]


@pytest.mark.parametrize(
    "asked",
    [
        {"nextToken": "x"},
        {"nextToken": "bm8="},
        {"logStreamNames": ["a"], "logStreamNamePrefix": "b"},
        {"limit": 0},
        {"limit": 10_001},
        {"interleaved": False},
        {"filterPattern": "{ $.a = 1 }"},
    ],
)
def test_what_is_not_possible_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(AwsError) as refused:
        filter_log_events(FOUR, GROUP, asked)
    assert refused.value.code == "InvalidParameterException"


def test_a_token_is_good_for_its_own_search_only() -> None:
    token = filter_log_events(FOUR, GROUP, {"limit": 1})["nextToken"]
    with pytest.raises(AwsError, match="nextToken"):
        filter_log_events(FOUR, GROUP, {"limit": 1, "startTime": 5, "nextToken": token})


def stream_page(of: LogGroups, **asked: Any) -> tuple[str, str, str]:
    page = get_log_events(of, GROUP, {"logStreamName": "s", "limit": 2} | asked)
    text = "".join(event["message"] for event in page["events"])
    return text, page["nextForwardToken"], page["nextBackwardToken"]


def test_a_stream_is_read_backward_from_its_end() -> None:
    of = groups(*[(number, "s", str(number)) for number in range(5)])
    text, _, backward = stream_page(of)
    assert text == "34"
    text, _, backward = stream_page(of, nextToken=backward)
    assert text == "12"
    text, _, backward = stream_page(of, nextToken=backward)
    assert text == "0"
    assert stream_page(of, nextToken=backward) == ("", backward.replace("b/", "f/"), backward)


def test_a_stream_is_read_forward_from_its_beginning_and_the_last_token_comes_back() -> None:
    of = groups(*[(number, "s", str(number)) for number in range(3)])
    text, forward, _ = stream_page(of, startFromHead=True)
    assert text == "01"
    text, forward, _ = stream_page(of, nextToken=forward)
    assert text == "2"
    assert stream_page(of, nextToken=forward)[:2] == ("", forward)


def test_a_stream_ends_before_its_end_time() -> None:
    of = groups(*[(number, "s", str(number)) for number in range(5)])
    assert stream_page(of, startTime=1, endTime=3)[0] == "12"


def test_an_unknown_stream_and_a_token_of_another_kind_are_refused() -> None:
    with pytest.raises(AwsError, match="log stream does not exist"):
        get_log_events(FOUR, GROUP, {"logStreamName": "s3"})
    with pytest.raises(AwsError, match="nextToken"):
        get_log_events(FOUR, GROUP, {"logStreamName": "s1", "nextToken": "x/y"})

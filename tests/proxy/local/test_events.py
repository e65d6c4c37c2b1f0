"""Event invocations: accepted at once, tried three times, in the background."""

import itertools
import json
import logging
import queue
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lambdascope_proxy.local import LocalFunction, events
from lambdascope_proxy.local.activity import Activity
from lambdascope_proxy.local.errors import AwsError, ThrottledError
from lambdascope_proxy.local.events import EventQueue

LIMIT_S = 20


def steps(activity: Activity) -> list[str]:
    return [each.step for each in activity.events()]


TELL = """
    import json, os, socket

    def handler(event, context):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as teller:
            note = {"event": event, "id": context.aws_request_id}
            teller.sendto(json.dumps(note).encode(), ("127.0.0.1", int(os.environ["PORT"])))
        if event.get("fail"):
            raise RuntimeError("not today")
"""


@pytest.fixture
def activity() -> Activity:
    return Activity(100)


@pytest.fixture
def event_queue(activity: Activity) -> Iterator[EventQueue]:
    made = EventQueue((0, 0), activity)
    yield made
    made.close()


@pytest.fixture
def told() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(LIMIT_S)
        yield listener


def test_a_failing_event_runs_three_times_under_one_id_and_the_caller_hears_nothing(
    run_aws: Any, client_of: Any, write_code: Any, told: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    """After the third try two other events run to their end, one after the other: a fourth try would show."""
    function = LocalFunction(name="f", code=write_code(TELL), environment={"PORT": str(told.getsockname()[1])})
    aws = run_aws(function, event_retry_delays_s=(0, 0))
    client = client_of(aws)
    ids: list[str] = []
    for event in ({"fail": True}, {"n": 1}, {"n": 2}):
        answer = client.invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps(event), LogType="Tail")
        assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
        assert not {"FunctionError", "LogResult", "ExecutedVersion"} & answer.keys()
        for _ in range(3 if "fail" in event else 1):
            note = json.loads(told.recv(1000))
            assert note["event"] == event
            ids.append(note["id"])
    assert len(set(ids[:3])) == 1
    assert len(set(ids)) == 3
    assert aws.executions("f") == 5
    assert not caplog.records


def test_an_attempt_that_succeeds_is_the_last(event_queue: EventQueue) -> None:
    outcomes = iter([False, True])
    ran: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def attempt() -> bool:
        outcome = next(outcomes)  # a third attempt would end in StopIteration, which is logged as lost
        ran.put(outcome)
        return outcome

    event_queue.put(attempt, "f")
    assert [ran.get(timeout=LIMIT_S) for _ in range(2)] == [False, True]


def test_a_throttled_event_goes_back_to_the_queue_and_costs_no_attempt(
    event_queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_THROTTLED_DELAY_S", 0.0)
    attempts = 0
    done = threading.Event()

    def attempt() -> bool:
        nonlocal attempts
        attempts += 1
        if attempts <= 5:
            raise ThrottledError("x")
        if attempts == 8:
            done.set()
        return False

    event_queue.put(attempt, "f")
    assert done.wait(LIMIT_S)
    assert attempts == 8


@pytest.mark.parametrize("error", [AwsError("ResourceNotFoundException", "gone"), RuntimeError("a bug")])
def test_what_cannot_be_tried_again_is_given_up_and_logged(
    event_queue: EventQueue, caplog: pytest.LogCaptureFixture, error: Exception, activity: Activity
) -> None:
    caplog.set_level("INFO", logger="lambdascope_proxy")
    attempts, logged = itertools.count(1), threading.Event()

    def attempt() -> bool:
        next(attempts)
        raise error

    def heard(record: logging.LogRecord) -> bool:
        if "Event invocation" in record.getMessage():
            logged.set()
        return True

    caplog.handler.addFilter(heard)
    event_queue.put(attempt, "f")
    assert logged.wait(LIMIT_S), "it must be said that the event is lost"
    caplog.handler.removeFilter(heard)
    event_queue.close()
    assert next(attempts) == 2, "it was tried once"
    assert steps(activity) == ["received", "dropped"]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([True], ["received", "started"]),
        ([False, True], ["received", "started", "started"]),
        ([False, False, False], ["received", "started", "started", "started", "dropped"]),
        ([ThrottledError("x"), True], ["received", "started"]),
    ],
)
def test_what_becomes_of_an_event_is_noted_with_its_age(
    activity: Activity, monkeypatch: pytest.MonkeyPatch, outcomes: list[bool | Exception], expected: list[str]
) -> None:
    """A throttled attempt is no start; the age counts from the first moment, over all attempts."""
    monkeypatch.setattr(events, "_THROTTLED_DELAY_S", 0.0)
    left, event_queue = iter(outcomes), EventQueue((0, 0), activity)
    done = threading.Semaphore(0)

    def attempt() -> bool:
        done.release()
        outcome = next(left)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    event_queue.put(attempt, "f", "live")
    for _ in outcomes:
        assert done.acquire(timeout=LIMIT_S)
    event_queue.close()  # which waits for the last attempt
    assert steps(activity) == expected
    assert {(each.function_name, each.qualifier) for each in activity.events()} == {("f", "live")}
    ages = [each.age_ms for each in activity.events()]
    assert ages == sorted(ages)
    assert ages[0] == 0 < ages[-1]


def test_an_event_that_is_throttled_for_too_long_is_dropped(
    event_queue: EventQueue, activity: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MAX_AGE_S", 0.0)
    tried = threading.Event()

    def attempt() -> bool:
        tried.set()
        raise ThrottledError("x")

    event_queue.put(attempt, "f")
    assert tried.wait(LIMIT_S)
    event_queue.close()
    assert steps(activity) == ["received", "dropped"]


def test_a_full_queue_throttles_the_caller(event_queue: EventQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_QUEUED", 0)
    with pytest.raises(ThrottledError):
        event_queue.put(lambda: True, "f")


def test_a_later_delay_does_not_hold_up_others() -> None:
    slow = EventQueue((3600,), Activity(9))
    done = threading.Event()
    failed = threading.Event()

    def fail() -> bool:
        failed.set()
        return False

    slow.put(fail, "f")
    assert failed.wait(LIMIT_S)
    slow.put(lambda: not done.set(), "f")
    assert done.wait(LIMIT_S)
    slow.close()

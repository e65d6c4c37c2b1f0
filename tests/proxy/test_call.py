"""Calls, outcomes and their ids."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Caller, CallIds, OutcomeKind, begin_call


def test_a_call_id_is_a_uuid_of_version_7_that_holds_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_763_800_000_123_456_789)
    made = uuid.UUID(CallIds().next())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == 1_763_800_000_123


@pytest.mark.parametrize(
    ("entropy", "tail"), [(b"\0" * 10, "7000-8000-000000000000"), (b"\xff" * 10, "7fff-bfff-" + "f" * 12)]
)
def test_all_other_bits_of_a_call_id_are_random(monkeypatch: pytest.MonkeyPatch, entropy: bytes, tail: str) -> None:
    def read(count: int) -> bytes:
        return entropy * (count // len(entropy))

    monkeypatch.setattr("os.urandom", read)
    assert CallIds().next().endswith(tail)


def test_call_ids_sort_by_time_and_never_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    # More of them than one draw of randomness lasts for, all in one millisecond, then one in each.
    ids = CallIds()
    monkeypatch.setattr(time, "time_ns", lambda: 1_763_800_000_000_000_000)
    assert len({ids.next() for _ in range(2000)}) == 2000
    now = iter(range(1_763_800_000_000_000_000, 2**63, 1_000_000))
    monkeypatch.setattr(time, "time_ns", lambda: next(now))
    drawn = [ids.next() for _ in range(600)]
    assert drawn == sorted(drawn)


def test_only_ok_accepted_and_dry_run_are_no_failures() -> None:
    assert {kind.value for kind in OutcomeKind if not kind.is_failure} == {"ok", "accepted", "dry_run"}


def test_the_taxonomy_is_the_published_one() -> None:
    # Dashboards, alerts and saved queries hold these words: a renamed one breaks them unseen.
    assert " ".join(kind.value for kind in OutcomeKind) == (
        "ok accepted dry_run tool_error function_error function_timeout out_of_memory throttled invalid_arguments "
        "refused not_found access_denied payload_too_large aws_error transport_error cancelled"
    )


def test_a_call_begins_with_its_tools_aim_and_a_time_in_utc(call_of: Callable[..., Call]) -> None:
    tool: Any = call_of().tool
    before = datetime.now(UTC)
    call = begin_call(tool, {"function_name": "orders", "qualifier": "live"}, Caller(transport="cli"), 5)
    assert (call.aim.function_name, call.aim.qualifier, call.arrived_ns) == ("orders", "live", 5)
    assert before <= call.started_at <= datetime.now(UTC)
    assert call.started_at.tzinfo is UTC
    assert call.trace is call.function is None

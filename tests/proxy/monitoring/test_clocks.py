"""Where a call's time went: the parts, their shares, and what is not part of it."""

from typing import Any

import pytest

from lambdascope_proxy.monitoring.clocks import Clock, clocks_of, longest

ROW: dict[str, Any] = {
    "total_ms": 100.0,
    "proxy_ms": 5.0,
    "invoke_ms": 95.0,
    "overhead_ms": 15.0,
    "init_ms": 60.0,
    "duration_ms": 20.0,
    "invocation_type": "RequestResponse",
}


def test_a_measured_call_splits_into_parts_that_add_up() -> None:
    clocks = clocks_of(ROW)
    assert [(each.name, each.ms, each.share) for each in clocks] == [
        ("proxy", 5.0, 0.05),
        ("network and platform", 15.0, 0.15),
        ("init", 60.0, 0.6),
        ("handler", 20.0, 0.2),
    ]
    assert sum(each.share for each in clocks) == pytest.approx(1)
    assert longest(clocks) == Clock(name="init", ms=60.0, share=0.6)


def test_without_a_report_the_far_side_stays_in_one_piece() -> None:
    clocks = clocks_of({**ROW, "duration_ms": None})
    assert [(each.name, each.ms) for each in clocks] == [("proxy", 5.0), ("network, platform and function", 95.0)]


def test_the_execution_of_an_asynchronous_call_is_no_part_of_the_callers_time() -> None:
    # Reconciled, its handler took longer than the call: as a part it would be more than the whole.
    clocks = clocks_of({**ROW, "invocation_type": "Event", "duration_ms": 9_000.0})
    assert [each.name for each in clocks] == ["proxy", "network and platform, to accept it"]
    assert all(each.share <= 1 for each in clocks)


@pytest.mark.parametrize("row", [{}, {"total_ms": None}, {"total_ms": 0.0, "proxy_ms": 0.0}])
def test_of_an_unknown_whole_there_are_no_parts(row: dict[str, Any]) -> None:
    assert clocks_of(row) == ()
    assert longest(()) is None

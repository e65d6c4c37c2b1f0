from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from store_stage.rows import ask, row, spool, waiting

from lambdascope_analytics.errors import UnfitRowError
from lambdascope_analytics.store.amendments import amend

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def key(number: int) -> dict[str, object]:
    """What says which row is meant."""
    return {name: value for name, value in row(number, at=AT).items() if name != "pid"}


def test_a_row_in_the_spool_of_a_live_process_is_completed_at_once(directory: Path) -> None:
    spool(directory, [waiting(1, at=AT, tool_name="t"), waiting(2, at=AT)])
    cost = Decimal("0.000000000012")
    assert amend(directory, [{**key(1), "billed_ms": 5, "cost_usd": cost, "cost_source": "logs"}]) == 1
    found = ask(directory, "SELECT pid, outcome, tool_name, billed_ms, cost_usd, cost_source FROM calls ORDER BY pid")
    assert found == [(1, "accepted", "t", 5, cost, "logs"), (2, "accepted", None, None, None, None)]


def test_of_several_amendments_the_latest_wins_by_column(directory: Path) -> None:
    """They are written in another order than they were made."""
    spool(directory, [waiting(1, at=AT)])
    later = datetime(2026, 11, 22, 12, tzinfo=UTC)
    amend(directory, [{**key(1), "billed_ms": 7}], amended_at=later)
    amend(directory, [{**key(1), "billed_ms": 5, "outcome": "ok"}], amended_at=AT)
    assert ask(directory, "SELECT billed_ms, outcome FROM calls") == [(7, "ok")]


def test_the_time_and_the_id_of_a_row_stay(directory: Path) -> None:
    spool(directory, [waiting(1, at=AT)])
    amend(directory, [{**key(1), "started_at": datetime(2026, 11, 21, tzinfo=UTC), "billed_ms": 7}])
    assert ask(directory, "SELECT started_at = '2026-11-22 10:00:00Z', billed_ms FROM calls") == [(True, 7)]


def test_an_amendment_for_no_row_shows_nothing(directory: Path) -> None:
    spool(directory, [waiting(1, at=AT)])
    amend(directory, [{**key(2), "billed_ms": 7}])
    assert ask(directory, "SELECT pid, billed_ms FROM calls") == [(1, None)]


@pytest.mark.parametrize(
    "bad", [{"started_at": AT, "billed_ms": 1}, {"call_id": key(1)["call_id"]}, {**key(1), "nonsense": 1}]
)
def test_rows_that_do_not_fit_are_refused_and_nothing_is_written(bad: Mapping[str, object], directory: Path) -> None:
    with pytest.raises(UnfitRowError):
        amend(directory, [{**key(1), "billed_ms": 1}, bad])
    assert not directory.exists()


def test_amendments_are_private_and_none_make_no_file(directory: Path) -> None:
    assert amend(directory, []) == 0
    assert not directory.exists()
    amend(directory, [{**key(1), "billed_ms": 1}])
    (path,) = (directory / "amendments").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600

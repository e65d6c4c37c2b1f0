"""The calls of a period read from few files are those that the view over every file has of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_stage.rows import compacted, days_ago, raw_spool, row, spool, waiting

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.history import History, open_history
from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.calls_of_period import from_files
from lambdascope_analytics.store.frozen import frozen_connection
from lambdascope_analytics.store.hidden import hidden_files

TICK = timedelta(microseconds=1)
MIDNIGHTS = [days_ago(day).replace(hour=0, minute=0, second=0, microsecond=0) for day in (5, 2, 1, 0)]
MOMENTS = [midnight + beside for midnight in MIDNIGHTS for beside in (-TICK, timedelta(), TICK, timedelta(hours=9))]
ROWS = "SELECT * FROM calls"
IN_ORDER = "ORDER BY pid"
COUNT = "SELECT count(*) AS calls FROM calls"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history with every kind of file: rows around each midnight, settled, open, amended, and in no segment yet."""
    directory = tmp_path_factory.mktemp("calls") / "history"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lambdascope_analytics.store.compactor._LEAST_BIND_S", 0.0)
        patch.setattr("lambdascope_analytics.store.compactor._BIND_FACTOR", 0)
        patch.setattr("lambdascope_analytics.store.publish.SPOOL_GRACE", timedelta())
        patch.setattr("os.fsync", lambda _: None)
        for first in (0, 100):
            spool(directory, [row(first + number, at=at) for number, at in enumerate(MOMENTS)])
            spool(directory, [waiting(first + 50 + number, at=at) for number, at in enumerate(MOMENTS)])
            compacted(directory)
    spool(directory, [row(200 + number, at=at, cost_source="measured") for number, at in enumerate(MOMENTS)])
    spool(directory, [waiting(250 + number, at=at) for number, at in enumerate(MOMENTS)])
    for kind in (50, 150, 250):
        amended = [waiting(kind + n, at=at, billed_ms=n, cost_source="logs") for n, at in enumerate(MOMENTS) if n % 3]
        amend(directory, amended)
    raw_spool(directory, b'{"torn": ')
    strange = next(directory.glob("segments/date=*/*-settled.parquet"))
    strange.parent.with_name("brought").mkdir()
    strange.rename(strange.parent.with_name("brought") / strange.name)
    return directory


@pytest.fixture(scope="module")
def history(directory: Path) -> Iterator[History]:
    with open_history(directory) as history:
        yield history


@pytest.fixture(scope="module")
def rows_of_all(history: History) -> list[dict[str, Any]]:
    """What the view over every file holds: asked once, as each question to it takes a quarter of a second."""
    return history.query(f"{ROWS} {IN_ORDER}")


def test_the_history_has_every_kind_of_file(directory: Path, history: History) -> None:
    """What the comparison below rests on: files that are passed over, and rows that only an amendment completes."""
    kinds = ("segments/*/*-settled.parquet", "segments/*/*-open.parquet", "spool/*-*.jsonl", "amendments/*-*.jsonl")
    assert all(list(directory.glob(kind)) for kind in kinds)
    assert any((directory / each.file).suffix == ".parquet" for each in hidden_files(directory))
    sql = "SELECT count(*) AS calls, count(*) FILTER (WHERE cost_source = 'logs') AS amended FROM calls"
    (counted,) = history.query(sql)
    assert counted["calls"] > 5 * len(MOMENTS)
    assert counted["amended"] > 0


BOUNDS = st.none() | st.builds(
    lambda moment, beside, hours: (moment + beside).astimezone(timezone(timedelta(hours=hours))),
    st.sampled_from(MOMENTS),
    st.sampled_from([-TICK, timedelta(), TICK, timedelta(hours=5)]),
    st.sampled_from([0, 14, -11]),
)


@settings(max_examples=20, deadline=None)
@given(after=BOUNDS, before=BOUNDS)
def test_the_calls_of_a_period_are_those_that_the_whole_history_has_of_it(
    after: datetime | None, before: datetime | None, history: History, rows_of_all: list[dict[str, Any]]
) -> None:
    """Would catch a day that is passed over, rows without their amendments, and hidden files that are read."""
    first, last = after or MIDNIGHTS[0] - timedelta(days=9), before or MIDNIGHTS[-1] + timedelta(days=9)
    expected = [row for row in rows_of_all if first <= row["started_at"] < last]
    with history.within(after, before) as narrowed:
        assert narrowed.query(f"{ROWS} {IN_ORDER}") == expected


@pytest.mark.parametrize("hours", [14, 0, -11])
def test_times_at_the_ends_of_the_calendar_are_bounds_like_others(hours: int, history: History) -> None:
    """Would catch a day that is counted in UTC where there is none before or after it."""
    zone = timezone(timedelta(hours=hours))
    with history.within(datetime.min.replace(tzinfo=zone), datetime.max.replace(tzinfo=zone)) as narrowed:
        assert narrowed.query(COUNT) == history.query(COUNT)


def test_a_history_that_is_read_as_it_is_knows_periods_too(directory: Path, history: History, tmp_path: Path) -> None:
    after, before = MIDNIGHTS[1], MIDNIGHTS[2]
    with (
        History(frozen_connection(directory, tmp_path)) as frozen,
        frozen.within(after, before) as narrowed,
        history.within(after, before) as expected,
    ):
        assert narrowed.query(f"{ROWS} {IN_ORDER}") == expected.query(f"{ROWS} {IN_ORDER}") != []


def test_a_list_of_hidden_files_that_cannot_be_read_is_an_error_of_the_history(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="cannot be read"):
        from_files(tmp_path)(None, None)

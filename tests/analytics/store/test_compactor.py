from datetime import UTC, datetime
from pathlib import Path

import pytest
from store_stage.rows import numbers, row, spool

from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.spools import scan_spools


@pytest.mark.parametrize(("uploads", "is_first", "waiting"), [(True, True, 1), (True, False, 0), (False, True, 0)])
def test_rows_wait_for_s3_once_and_only_where_something_uploads(
    uploads: bool, is_first: bool, waiting: int, directory: Path, impatient: None
) -> None:
    """Would catch rows that merges send to S3 again."""
    path = spool(directory, [row(1)])
    prepare(directory)
    with connect(directory) as connection:
        compactor = Compactor(directory=directory, connection=connection, uploads=uploads)
        new, rows = compactor.write(scan_spools([path]))
        compactor.publish(new, [compactor.name_of(path)], is_first=is_first)
    assert (rows, numbers(directory)) == (1, [1])
    assert len(list(directory.glob("outbox/calls/*/*.parquet"))) == waiting


def test_an_exchange_waits_several_times_as_long_as_a_query_looks_for_its_files(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch an exchange that commits before a slow query has seen the new files."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    clock = iter((100.0, 100.4))
    path = spool(directory, [row(1, at=datetime.now(UTC))])
    prepare(directory)
    with connect(directory) as connection:
        compactor = Compactor(directory=directory, connection=connection, uploads=False)
        new, _ = compactor.write(scan_spools([path]))
        monkeypatch.setattr("time.perf_counter", lambda: next(clock, 101.0))
        compactor.publish(new, [compactor.name_of(path)])
        compactor.publish([], [])
    assert waits == [pytest.approx(4.0)]

"""What the tests of the analysis share: properties without a clock, and a history that holds known rows."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from lambdascope_analytics.history import History, open_history
from lambdascope_analytics.store.spool import SpoolWriter


@pytest.fixture
def history_of(tmp_path: Path) -> Iterator[Callable[[list[Mapping[str, object]]], History]]:
    """Return a function that stores rows through the spool, as the proxy does, and opens their history."""
    opened: list[History] = []

    def make(rows: list[Mapping[str, object]]) -> History:
        writer = SpoolWriter(tmp_path / "history")
        for row in rows:
            assert writer.append(row)
        assert writer.close(30)
        opened.append(open_history(tmp_path / "history"))
        return opened[-1]

    yield make
    for history in opened:
        history.close()

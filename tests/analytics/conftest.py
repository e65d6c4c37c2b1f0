"""What the tests of the analysis share: properties without a clock, and a history that holds known rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from lambdascope_analytics.history import History, open_history
from lambdascope_analytics.store.spool import SpoolWriter

Rows = Sequence[Mapping[str, object]]
Make = Callable[[Rows], History]


def stored(directory: Path, rows: Rows) -> History:
    """Stores rows through the spool, as the proxy does, and opens their history."""
    writer = SpoolWriter(directory)
    assert all(writer.append(row) for row in rows)
    assert writer.close(30)
    return open_history(directory)


@pytest.fixture
def history_of(tmp_path: Path) -> Iterator[Make]:
    """Return a function that makes the history of some rows; more rows go into the same."""
    with ExitStack() as opened:
        yield lambda rows: opened.enter_context(stored(tmp_path / "history", rows))


@pytest.fixture(scope="module")
def past_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Return the same for a history that all tests of a module read."""
    with ExitStack() as opened:
        yield lambda rows: opened.enter_context(stored(tmp_path_factory.mktemp("past") / "history", rows))

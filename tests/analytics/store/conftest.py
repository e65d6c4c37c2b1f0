"""What the tests of the store share: a directory, and a store that does not wait for anybody."""

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

# What the tests share lies beside them in `store_stage`: test directories are no packages.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exchanges files at once: the tests that ask for it have no reader that the waits are there for."""
    monkeypatch.setattr("lambdascope_analytics.store.compactor._LEAST_BIND_S", 0.0)
    monkeypatch.setattr("lambdascope_analytics.store.compactor._BIND_FACTOR", 0)
    monkeypatch.setattr("lambdascope_analytics.store.publish.SPOOL_GRACE", timedelta())


@pytest.fixture
def keep_locked() -> Iterator[Callable[[Path], Callable[[], object]]]:
    """Return a function that locks a spool as its writer does, and returns one that ends it."""
    held: list[int] = []

    def lock(path: Path) -> Callable[[], object]:
        held.append(os.open(path, os.O_RDONLY))
        fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lambda: os.close(held.pop())

    yield lock
    for descriptor in held:
        os.close(descriptor)

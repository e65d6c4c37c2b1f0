"""What the tests of ad hoc SQL share: a history with known rows, what lies outside it, and a list of escapes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.spool import SpoolWriter

DATA = Path(__file__).parents[1] / "data"
SECRET = "outside-secret"


def row(number: int, **changed: object) -> dict[str, object]:
    """A row of the history; numbers differ in id and minute."""
    return {
        "call_id": UUID(int=number),
        "started_at": datetime(2026, 11, 20, 10, number % 60, tzinfo=UTC),
        "function_name": "orders",
        "target": "lambda",
        "outcome": "ok",
        "total_ms": 12.5,
        "cost_usd": Decimal("0.000000208334"),
        "pid": number,
        **changed,
    }


def write_rows(directory: Path, rows: list[Mapping[str, object]]) -> None:
    """Rows through the spool, as a proxy writes them."""
    writer = SpoolWriter(directory)
    assert all(writer.append(each) for each in rows)
    assert writer.close(30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A history, and a directory beside it with things nobody may read or find changed."""

    history: Path
    outside: Path

    def contents(self) -> dict[str, bytes]:
        """Every file of both, to be compared."""
        return {
            path.relative_to(self.history.parent).as_posix(): path.read_bytes()
            for path in sorted(self.history.parent.rglob("*"))
            if path.is_file()
        }

    def filled_in(self, sql: str) -> str:
        """An escape with the paths of this place."""
        return sql.replace("{outside}", str(self.outside))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A history of three calls and a directory of secrets beside it."""
    return make_place(tmp_path)


@pytest.fixture(scope="module")
def kept_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One for the tests of a module that leave it as it is."""
    return make_place(tmp_path_factory.mktemp("kept"))


def make_place(tmp_path: Path) -> Place:
    """A place below this directory."""
    made = Place(history=tmp_path / "history", outside=tmp_path / "outside")
    write_rows(made.history, [row(1), row(2), row(3, outcome="refused", function_name=None)])
    prepare(made.history)
    made.outside.mkdir()
    for name in ("secret.txt", "secret.csv"):
        (made.outside / name).write_text(f"{SECRET}\n{SECRET}\n", encoding="utf-8")
    return made


def read_escapes(*, refused_by_room: bool = False) -> list[str]:
    """The statements of data/escapes.txt; only those the locked database refuses by itself, if asked."""
    lines = (DATA / "escapes.txt").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line and not line.startswith("#")]
    return [line.removeprefix("! ") for line in kept if line.startswith("! ") or not refused_by_room]


def read_allowed() -> list[str]:
    """The statements of data/allowed.sql."""
    return [sql.strip() for sql in (DATA / "allowed.sql").read_text(encoding="utf-8").split(";;")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Hands the statements to the tests that ask for one by name; directories of tests are no packages."""
    sources: dict[str, Callable[[], list[str]]] = {
        "escape": read_escapes,
        "native_escape": lambda: read_escapes(refused_by_room=True),
        "allowed": read_allowed,
    }
    for name, source in sources.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, source())


@pytest.fixture
def escapes() -> list[str]:
    """All of data/escapes.txt."""
    return read_escapes()


@pytest.fixture
def rows_of() -> Callable[..., dict[str, object]]:
    """Makes a row: see `row`."""
    return row


@pytest.fixture
def write() -> Callable[[Path, list[Mapping[str, object]]], None]:
    """Writes rows: see `write_rows`."""
    return write_rows

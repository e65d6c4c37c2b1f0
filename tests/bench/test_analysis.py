"""The benchmark of the analyses asks what it says, and those who are asked the same agree; nothing here is timed."""

from pathlib import Path

import pytest
from bench.history import analyses, dataset, roll, same_figures
from bench.measures.analysis import BOUNDS_S, _compared, _section

from lambdascope_analytics.analyses.named import FUNCTIONS
from lambdascope_analytics.history import open_history

ROWS = 900


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of rows as a history, and the same in SQLite."""
    folder = tmp_path_factory.mktemp("bench")
    for kind, make in (("history", dataset.make_history), ("sqlite", dataset.make_sqlite)):
        (folder / kind).mkdir()
        make(folder / kind, ROWS, folder / "history")
    return folder


def test_every_analysis_is_asked_and_answers(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a parameter that no longer exists, which would stand in the table as an error."""
    monkeypatch.setattr(analyses, "MOST_RUNS", 1)
    asked = analyses.questions(30) | analyses.daily(30)
    assert {name for name, _ in asked.values()} == set(FUNCTIONS)
    with open_history(place / "history") as history:
        found = analyses.answers_of(history, asked)
    assert {name: answer["error"] for name, answer in found.items() if "error" in answer} == {}
    assert found["cost by function"]["calls"] == found["daily cost by function"]["calls"] == ROWS


def test_sqlite_and_the_analyses_agree(place: Path) -> None:
    with open_history(place / "history") as history:
        name, parameters = analyses.questions(30)[same_figures.COST]
        cost = analyses.analyse(history, name, parameters, now=analyses.END)
        name, parameters = analyses.questions(30)[same_figures.ERRORS]
        errors = analyses.analyse(history, name, parameters, now=analyses.END)
    calls, cost_usd = same_figures.in_sqlite(place / "sqlite", same_figures.COST)
    assert (calls, cost_usd) == (cost.calls, pytest.approx(float(cost.cost_usd), abs=1e-6))
    assert same_figures.in_sqlite(place / "sqlite", same_figures.ERRORS) == [errors.failures]
    assert same_figures.in_sqlite(place / "sqlite", same_figures.LATENCY) == [ROWS]


def test_those_who_come_to_something_else_are_told_of() -> None:
    """Catches a contestant that is fast because it computes another figure."""
    own = {"s": 2.0, "cpu s": 3.0}
    right, wrong = {"s": 4.0, "cpu s": 4.0, "digest": [5]}, {"s": 4.0, "cpu s": 4.0, "digest": [6]}
    assert _compared("cost", "sqlite", right, own, [5]).remark == ""
    assert _compared("cost", "pandas", wrong, own, [5]).remark == "comes to [6], not [5]"
    assert _compared("cost", "pandas", wrong, own, [5]).figures["times ours"] == 2.0


def test_rollups_are_written_beside_linked_segments_and_the_source_stays_as_it_was(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted((place / "history").rglob("*"))
    roll.main(str(tmp_path / "rolled"), str(place / "history"))
    assert '"rollups": 30' in capsys.readouterr().out
    assert sorted((place / "history").rglob("*")) == before


def test_an_answer_that_failed_is_a_remark_and_misses_no_target() -> None:
    said = {"peak_mb": 1.0, "answers": {"daily": {"a": {"s": 9.0, "cpu s": 1.0}, "b": {"error": "no memory"}}}}
    late, failed = _section("daily", said, "daily", BOUNDS_S["daily"]).rows
    assert (late.verdict, failed.verdict, failed.remark) == ("not met", "", "no memory")

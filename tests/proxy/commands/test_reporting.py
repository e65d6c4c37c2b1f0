"""What commands that answer from the history share: the forms of an answer, and pictures of it."""

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.analyses import named
from lambdascope_analytics.errors import HistoryError, QuestionError
from lambdascope_proxy.commands.reporting import Report, add_report_options, period_of, show_report
from lambdascope_proxy.errors import PictureError, SettingsError
from lambdascope_proxy.pictures.picture import Bars, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as small as one can be."""

    summary: str = "2 calls."
    notes: tuple[str, ...] = ("One had no cost.",)


@dataclass(slots=True)
class Analyses:
    """Stands for the analyses: counts what was asked for."""

    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list[tuple[str, Mapping[str, Any]]])

    def __call__(self, history: Any, name: str, parameters: Mapping[str, Any], *, now: datetime) -> Answer:
        self.asked.append((name, parameters))
        if parameters.get("group_by") == "moon":
            raise QuestionError("group_by", "is 'moon'")
        return Answer()


def picture_of(answer: Mapping[str, Any]) -> Picture:
    bars = Bars(title="Calls", unit="", labels=("orders",), values=(2.0,))
    return Picture(title=answer["summary"], subtitle="", charts=(bars,), words=("Orders take long.",))


REPORT = Report(
    analysis="cost",
    view=lambda answer, page: page.line(answer["summary"]),
    rows_of=lambda answer: [{"group": "orders, fast", "calls": 2}],
    picture_of=picture_of,
)


def options(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_report_options(parser)
    return parser.parse_args(given)


@pytest.fixture
def analyses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Analyses:
    """In place of the real ones, over an empty history."""
    directory = tmp_path / "history"
    directory.mkdir()
    monkeypatch.setenv("LAMBDASCOPE_HISTORY_DIR", str(directory))
    made = Analyses()
    monkeypatch.setattr(named, "analyse", made)
    return made


Show = Callable[..., tuple[str, str]]


@pytest.fixture
def show(analyses: Analyses, capsys: pytest.CaptureFixture[str]) -> Show:
    """Shows the report with these options: what is on stdout and what on stderr."""

    def run(*given: str, **parameters: Any) -> tuple[str, str]:
        assert show_report(options(*given), REPORT, parameters) == 0
        printed = capsys.readouterr()
        return printed.out, printed.err

    return run


def test_an_answer_is_a_page_with_its_notes_beside_it(show: Show, analyses: Analyses) -> None:
    assert show(top=3) == ("2 calls.\n", "One had no cost.\n")
    assert analyses.asked == [("cost", {"top": 3})]


def test_json_is_the_whole_answer_and_nothing_beside_it(show: Show) -> None:
    out, err = show("--json")
    assert (json.loads(out), err) == ({"summary": "2 calls.", "notes": ["One had no cost."]}, "")


def test_csv_is_the_groups_as_rows(show: Show) -> None:
    assert show("--csv")[0] == 'group,calls\n"orders, fast",2\n'


def test_pictures_come_beside_the_answer_and_their_files_are_told(show: Show, tmp_path: Path) -> None:
    png, page = tmp_path / "cost.png", tmp_path / "cost.html"
    out, err = show("--json", "--png", str(png), "--html", str(page))
    assert json.loads(out)["summary"] == "2 calls.", "the answer is as it is without them"
    assert err == f"Wrote {png}\nWrote {page}\n"
    assert png.read_bytes().startswith(b"\x89PNG")
    told = page.read_text()
    assert "One had no cost." in told, "a page is read without the terminal beside it"
    assert told.index("Orders take long.") < told.index("One had no cost."), "what a picture tells itself comes first"


@pytest.mark.parametrize("option", ["--png", "--html"])
def test_a_picture_that_cannot_be_written_is_told_before_the_analysis_is_made(
    analyses: Analyses, tmp_path: Path, option: str
) -> None:
    # An analysis of a large history takes a while, and its answer would be thrown away.
    with pytest.raises(PictureError, match="there is no directory"):
        show_report(options(option, str(tmp_path / "gone" / "cost")), REPORT, {})
    with pytest.raises(SettingsError, match="the same file"):
        show_report(options("--png", "a", "--html", "a"), REPORT, {})
    assert analyses.asked == []


def test_a_history_that_is_not_there_is_told_and_not_made(
    analyses: Analyses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistyped = tmp_path / "hsitory"
    monkeypatch.setenv("LAMBDASCOPE_HISTORY_DIR", str(mistyped))
    with pytest.raises(HistoryError, match=r"no history in .*hsitory yet.*LAMBDASCOPE_HISTORY_DIR"):
        show_report(options(), REPORT, {})
    assert analyses.asked == []
    assert not mistyped.exists()


def test_a_question_without_sense_is_a_mistake_of_whoever_asks(analyses: Analyses) -> None:
    with pytest.raises(SettingsError, match="group_by is 'moon'"):
        show_report(options(), REPORT, {"group_by": "moon"})


def test_without_a_time_range_the_last_week_is_meant() -> None:
    period = period_of(options())
    assert period["end"] - period["start"] == timedelta(days=7)
    given = period_of(options("--start", "2020-01-01", "--end", "2020-01-03"))
    assert given == {"start": datetime(2020, 1, 1, tzinfo=UTC), "end": datetime(2020, 1, 3, tzinfo=UTC)}


@pytest.mark.parametrize("asked", [["--last", "soon"], ["--start", "2999-01-01"], ["--start", "yesterday"]])
def test_a_time_range_without_sense_is_bad_usage_told_in_the_words_of_the_command(asked: list[str]) -> None:
    parser = argparse.ArgumentParser()
    add_report_options(parser)
    with pytest.raises(SettingsError, match="Use --last 3h"):
        period_of(parser.parse_args(asked))

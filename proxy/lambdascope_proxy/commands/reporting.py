"""What the commands that answer from the history have in common: their options, and where their answer goes."""

import argparse
import csv
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lambdascope_proxy.commands.answering import View, print_document, tell
from lambdascope_proxy.commands.time_range import add_time_range, time_range_of
from lambdascope_proxy.errors import CallFailed, SettingsError
from lambdascope_proxy.settings import Settings, load_settings

if TYPE_CHECKING:
    from lambdascope_proxy.cloudwatch.window import Window
    from lambdascope_proxy.pictures.picture import Picture

DEFAULT_LAST: Final = "7d"
FORMS: Final = "Use --last 3h (s, m, h, d or w), or --start 2026-11-22T10:00:00Z with or without --end."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How the answer of one analysis is shown: as a page, as rows of a table for CSV, and as a picture."""

    analysis: str
    view: View
    rows_of: Callable[[Mapping[str, Any]], Sequence[Mapping[str, object]]]
    picture_of: "Callable[[Mapping[str, Any]], Picture]"


def add_report_options(parser: argparse.ArgumentParser, *, default: str | None = DEFAULT_LAST) -> None:
    """Declares the time range (where there is a `default` of it), the forms of an answer and `--config`."""
    if default:
        add_time_range(parser, default=default)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--csv", action="store_true", help="print the table as CSV")
    parser.add_argument("--png", type=Path, metavar="FILE", help="also draw a picture")
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write a page with charts and the table")
    parser.add_argument("--config", type=Path, help="TOML file of settings")


def period_of(arguments: argparse.Namespace, *, default: str = DEFAULT_LAST) -> dict[str, datetime]:
    """The `start` and `end` that were asked for. Raises: SettingsError that says what is wrong."""
    window = asked_window(time_range_of(arguments).get("time_range", {"last": default}))
    return {"start": window.start, "end": window.end}


def asked_window(time_range: Mapping[str, Any]) -> "Window":
    """The span of time of a time range. Raises: SettingsError that says what is wrong."""
    from lambdascope_proxy.analysing.asked_time import history_window

    try:
        return history_window(time_range, datetime.now(UTC))
    except CallFailed as failed:
        raise SettingsError(f"{failed} {FORMS}") from failed


def show_report(arguments: argparse.Namespace, report: Report, parameters: Mapping[str, Any]) -> int:
    """Has the analysis made and shows it, with pictures where they are asked for.

    Raises: SettingsError, HistoryError, PictureError.
    """
    _check_targets(arguments)
    answer = _answer(load_settings(os.environ, arguments.config, connects=False), report.analysis, parameters)
    if arguments.json:
        print_document(answer, indent=2)
    elif arguments.csv:
        _print_csv(report.rows_of(answer))
    else:
        _print_page(answer, report.view)
    tell([*answer.get("notes", ())] if not arguments.json else [])
    _draw(arguments, report.picture_of, answer)
    return 0


def _check_targets(arguments: argparse.Namespace) -> None:
    """Before the analysis, which may take a while. Raises: SettingsError, PictureError."""
    from lambdascope_proxy.pictures.files import check_target

    if arguments.png and arguments.html and arguments.png == arguments.html:
        raise SettingsError("--png and --html name the same file")
    for path in filter(None, (arguments.png, arguments.html)):
        check_target(path)


def _draw(
    arguments: argparse.Namespace, picture_of: "Callable[[Mapping[str, Any]], Picture]", answer: Mapping[str, Any]
) -> None:
    from lambdascope_proxy.pictures.files import write_html, write_png

    for path, write in ((arguments.png, write_png), (arguments.html, write_html)):
        if path:
            picture = picture_of(answer)
            write(replace(picture, words=_words(answer, picture.words)), path)
            tell([f"Wrote {path}"])


def _words(answer: Mapping[str, Any], of_picture: Sequence[str]) -> tuple[str, ...]:
    """The answer in a sentence, what the picture itself tells, then what to know besides and to do next."""
    from lambdascope_proxy.views.advice import as_commands

    following = [f"Next: {answer['next_step']}"] if answer.get("next_step") else []
    return tuple(as_commands(words) for words in (answer["summary"], *of_picture, *answer.get("notes", ()), *following))


def _answer(settings: Settings, name: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    # In this process: there is no protocol on stdout to keep clean, and nothing else to serve meanwhile.
    from lambdascope_analytics.analyses.named import analyse
    from lambdascope_analytics.analyses.plain import plain
    from lambdascope_analytics.errors import HistoryError, QuestionError
    from lambdascope_analytics.history import open_history
    from lambdascope_proxy.wiring import history_directory

    directory = history_directory(settings)
    # Opening one would make it: that hides a name that was mistyped.
    if not directory.is_dir():
        raise HistoryError(f"there is no history in {directory} yet: make calls first, or set LAMBDASCOPE_HISTORY_DIR")
    with open_history(directory) as history:
        try:
            return plain(analyse(history, name, parameters, now=datetime.now(UTC)))
        except QuestionError as error:
            raise SettingsError(str(error)) from error


def _print_page(answer: Mapping[str, Any], view: View) -> None:
    from lambdascope_proxy.views.page import Page, surface_of

    page = Page(surface_of(sys.stdout))
    view(answer, page)
    sys.stdout.write(page.text())


def _print_csv(rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        writer = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

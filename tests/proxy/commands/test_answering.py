"""How an answer is printed: what was found on stdout, what to know besides on stderr."""

import io
import json
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from lambdascope_proxy.answer import Answer
from lambdascope_proxy.commands.answering import print_document, show_answer, words_of
from lambdascope_proxy.views.page import Page

FOUND = Answer(
    texts=("for models",),
    structured={"errors": 1, "partial": ["No logs: denied"], "notes": ["CloudWatch lags."]},
    is_error=False,
)
FAILED = Answer(
    texts=("not_found: there is no such function", "list_functions shows those there are"),
    structured={"outcome": "not_found"},
    is_error=True,
)


def view(data: Mapping[str, Any], page: Page) -> None:
    page.line(f"errors: {data['errors']}")


def test_what_was_found_is_stdout_and_what_is_missing_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_answer(FOUND, view, as_json=False) == 0
    printed = capsys.readouterr()
    assert printed.out == "errors: 1\n"
    assert printed.err == "Incomplete: No logs: denied\nCloudWatch lags.\n"


def test_a_program_gets_all_of_it_as_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_answer(FOUND, view, as_json=True) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == FOUND.structured
    assert "Incomplete: " in printed.err  # whoever reads only one figure of it


@pytest.mark.parametrize(("as_json", "out"), [(False, ""), (True, '{\n  "outcome": "not_found"\n}\n')])
def test_an_error_is_told_on_stderr_and_is_exit_code_1(
    as_json: bool, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show_answer(FAILED, view, as_json=as_json) == 1
    printed = capsys.readouterr()
    assert printed.out == out
    assert printed.err == "not_found: there is no such function\n`lambdascope functions` shows those there are\n"


def test_an_error_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Its text may quote what a function wrote."""
    show_answer(Answer(texts=("\x1b[2Jgone",), structured={}, is_error=True), view, as_json=False)
    assert capsys.readouterr().err == "\\x1b[2Jgone\n"


def test_json_can_be_written_where_only_ascii_can(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    print_document({"message": "é"})
    sys.stdout.flush()
    assert written.getvalue() == b'{"message": "\\u00e9"}\n'


def test_an_answer_without_notes_has_no_words_besides() -> None:
    assert words_of(Answer(texts=("fine",), structured={}, is_error=False)) == []

"""Prints a tool's answer: what it found on stdout, what to know besides on stderr."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.charts import can_write

if TYPE_CHECKING:
    from lambdascope_proxy.answer import Answer
    from lambdascope_proxy.views.page import Page

View = Callable[[Mapping[str, Any], "Page"], None]


def show_answer(answer: "Answer", view: View, *, as_json: bool, indent: int | None = 2) -> int:
    """Shows it by `view`, or as JSON, or as the error it is; returns the exit code."""
    if as_json:
        print_document(answer.structured, indent=indent)
    elif not answer.is_error:
        sys.stdout.write(page_of(answer, view).text())
    tell(words_of(answer))
    return 1 if answer.is_error else 0


def page_of(answer: "Answer", view: View) -> "Page":
    """What a view makes of an answer, for stdout as it is now."""
    from lambdascope_proxy.views.page import Page, surface_of

    page = Page(surface_of(sys.stdout))
    view(answer.structured, page)
    return page


def words_of(answer: "Answer") -> list[str]:
    """What to know besides the answer: what is missing of it and how to read it; of a failure, all there is."""
    from lambdascope_proxy.views.advice import as_commands

    if answer.is_error:
        words = answer.texts
    else:
        found = answer.structured
        words = [*(f"Incomplete: {shortfall}" for shortfall in found.get("partial", ())), *found.get("notes", ())]
    return [as_commands(each) for each in words]


def tell(words: list[str]) -> None:
    """Writes a line for each on stderr."""
    from lambdascope_proxy.views.page import visible

    sys.stderr.write("".join(f"{visible(line)}\n" for line in words))


def print_document(value: object, *, indent: int | None = None) -> None:
    """One JSON document and a line break; without an indent on one line."""
    text = json.dumps(value, ensure_ascii=not can_write("\N{SNOWMAN}"), indent=indent)
    sys.stdout.write(f"{text}\n")

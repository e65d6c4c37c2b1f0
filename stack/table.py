"""The answers as a table, and what of them is wrong."""

from collections.abc import Iterator, Sequence
from typing import Final

from stack.asking import Answer

HEAD: Final = ("rows", "dashboard / panel, or rule", "expression")
WIDEST: Final = 110


def table(answers: Sequence[Answer]) -> Iterator[str]:
    """A line for each expression."""
    rows = [HEAD, *((str(each.rows), each.expression.place, _short(each.expression.text)) for each in answers)]
    counts, places = (max(len(row[column]) for row in rows) for column in (0, 1))
    for count, place, text in rows:
        yield f"{count:>{counts}}  {place:<{places}}  {text}"


def remarks(answers: Sequence[Answer]) -> Iterator[str]:
    """A line for each expression that is without data for a reason, or has some although there is one."""
    for each in answers:
        if each.reason and each.rows == 0:
            yield f"without data: {each.expression.place}: {each.reason}"
        elif each.reason:
            yield f"has data, though it need not: {each.expression.place}: {each.reason}"


def failures(answers: Sequence[Answer]) -> Iterator[str]:
    """A line for each expression that should have had data."""
    for each in answers:
        if each.is_failure:
            yield f"{each.expression.place}: {each.problem or 'no data'}: {' '.join(each.expression.text.split())}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 3]}..."

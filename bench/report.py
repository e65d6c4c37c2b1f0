"""Sections as a table for people and as JSON for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.figures import Row, Section


def as_table(section: Section) -> str:
    """Return a section as aligned text: a line per subject, its figures, and the target beside them."""
    columns = list(dict.fromkeys(column for row in section.rows for column in row.figures))
    lines = [["", *columns, "target", ""], *(_cells(row, columns) for row in section.rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    body = [_aligned(line, widths) for line in lines]
    return "\n".join([section.title, *body, *(f"  {remark}" for remark in section.remarks)])


def as_data(facts: Mapping[str, str], sections: Sequence[Section]) -> dict[str, Any]:
    """Return everything as JSON-able data."""
    return {"machine": dict(facts), "sections": [_section_data(section) for section in sections]}


def _cells(row: Row, columns: Sequence[str]) -> list[str]:
    figures = [_figure(row.figures[column]) if column in row.figures else "" for column in columns]
    verdict = "; ".join(part for part in (row.verdict, _remark(row)) if part)
    return [row.subject, *figures, ", ".join(str(target) for target in row.targets), verdict]


def _remark(row: Row) -> str:
    if row.figures:
        return row.remark
    return f"not run: {row.remark or 'not available'}"


def _figure(value: float) -> str:
    if value == int(value) and abs(value) >= 1:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    subject, *figures, target, verdict = cells
    middle = [figure.rjust(width) for figure, width in zip(figures, widths[1:-2], strict=True)]
    return "  ".join(["", subject.ljust(widths[0]), *middle, target.ljust(widths[-2]), verdict]).rstrip()


def _section_data(section: Section) -> dict[str, Any]:
    data = asdict(section)
    for row, described in zip(section.rows, data["rows"], strict=True):
        described["verdict"] = row.verdict
    return data

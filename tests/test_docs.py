"""The pages in docs/ say what the code says."""

from pathlib import Path

from lambdascope_analytics.store.row import COLUMNS
from lambdascope_proxy.call import OutcomeKind

DOCS = Path(__file__).parents[1] / "docs"


def test_every_column_of_the_history_stands_in_its_page_with_type_and_meaning() -> None:
    page = (DOCS / "history.md").read_text(encoding="utf-8")
    assert [row for c in COLUMNS if (row := f"| `{c.name}` | `{c.type}` | {c.meaning} |") not in page] == []


def test_every_outcome_is_explained_and_said_to_be_a_failure_or_not() -> None:
    page = (DOCS / "outcomes.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert {name: row.endswith("| yes |") for name, row in rows.items()} == {k.value: k.is_failure for k in OutcomeKind}

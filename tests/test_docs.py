"""The pages in docs/ say what the code says."""

import re
from pathlib import Path

import pytest

from lambdascope_analytics.adhoc.limits import Limits
from lambdascope_analytics.adhoc.queries import Queries
from lambdascope_analytics.adhoc.reference import WORKED
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


def worked_queries() -> list[str]:
    """The SQL of docs/sql.md."""
    return re.findall(r"```sql\n(.*?)\n```", (DOCS / "sql.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_examples_given_to_agents_stand_in_the_page_for_people_too() -> None:
    assert {worked.sql for worked in WORKED} < set(worked_queries())


@pytest.fixture(scope="module")
def empty_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docs") / "history"


@pytest.mark.anyio
@pytest.mark.parametrize("sql", worked_queries())
async def test_a_worked_query_is_answered(empty_history: Path, sql: str) -> None:
    # In the very room that agents and `lambdascope sql` get.
    answer = await Queries(empty_history, Limits(), at_once=1).run(sql)
    assert answer.columns
    assert answer.rows == []

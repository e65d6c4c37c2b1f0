"""Every statement that answers something can be said in the dialects of Trino and Spark, which then parse it."""

from pathlib import Path

import pytest
import sqlglot
from portable_stage.dialects import PERCENTILE, SQL, questions, translated

from lambdascope_analytics.analyses.named import FUNCTIONS

FILES = [str(path.relative_to(SQL)) for path in questions()]


def test_the_statements_of_every_analysis_are_among_them() -> None:
    folders = {Path(name).parts[0] for name in FILES}
    assert set(FUNCTIONS) <= folders


@pytest.mark.parametrize("dialect", sorted(PERCENTILE))
@pytest.mark.parametrize("name", FILES)
def test_a_statement_translates_and_what_comes_of_it_parses(name: str, dialect: str) -> None:
    said = translated((SQL / name).read_text(encoding="utf-8"), dialect)
    sqlglot.parse_one(said, read=dialect)
    assert "quantile" not in said.lower()
    # What sqlglot does not know it passes on as it is: these are DuckDB's own, and neither engine has them.
    foreign = ("epoch(", "epoch_us(", "epoch_ms(", "list_", "unnest(", "strptime(", "arg_max(", "arg_min(")
    assert [word for word in foreign if word in said.lower()] == []

"""The package's SQL: one statement per file under `sql/`, read when first used."""

from functools import cache
from pathlib import Path
from typing import Final

_SQL: Final = Path(__file__).with_name("sql")


@cache
def statement(name: str) -> str:
    """Return the text of `sql/<name>.sql`."""
    return _SQL.joinpath(f"{name}.sql").read_text(encoding="utf-8")

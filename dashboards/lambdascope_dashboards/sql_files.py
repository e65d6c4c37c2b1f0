"""Reads the .sql files of the dashboard over the history."""

from functools import cache
from importlib.resources import files


@cache
def sql(name: str) -> str:
    """The statement in sql/`name`.sql without its comments: Grafana would put the values of variables into them."""
    text = files("lambdascope_dashboards").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))

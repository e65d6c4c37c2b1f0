"""Counts the calls that lambdascope's history holds: a history that was not on would make every figure too good."""

from pathlib import Path

from bench.errors import BenchError


def count(directory: Path, function: str) -> int:
    """Return how many calls of a function a history directory holds.

    Raises:
        BenchError: it cannot be read.
    """
    from lambdascope_analytics.history import open_history  # duckdb, which only this needs

    try:
        rows = open_history(directory).query(
            "SELECT count(*) AS calls FROM calls WHERE function_name = $function", {"function": function}
        )
    except Exception as error:  # whatever it is, the figure is missing and the run goes on
        raise BenchError(f"the history cannot be read: {error}") from error
    return int(rows[0]["calls"])

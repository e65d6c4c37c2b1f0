"""Answers from the history: one question each, computed in DuckDB and finished in Python."""

"""Questions to the history from processes that must not load DuckDB."""

-- Answers: what calls of each Lambda function came to on each day (UTC), from small files instead of from every call.
-- Parameters: filled in when the view is made, because DDL takes none: daily_sums (store/daily_rows.sql without sketches).
-- Columns: source (rollup or rows: where the figures come from), and those of store/rollup_rows.sql but filename and
--          sketches. Several rows may tell of the same day and function: add them up.
-- DuckDB 2.0 makes sketches of rows even where nobody asks for them, so they have a view of their own.
CREATE VIEW daily AS
SELECT * EXCLUDE (total_sketch, duration_sketch)
FROM ($daily_sums);

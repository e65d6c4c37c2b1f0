-- Answers: every call there is, from the segments and from the spools that are not compacted yet.
-- Parameters: $columns, $segments, $spools, $spool_columns; filled in when the view is made, because DDL takes none.
-- Columns: those of the history row, in its order.
CREATE VIEW calls AS
SELECT $columns
FROM (
    SELECT * EXCLUDE (date)
    FROM read_parquet($segments, hive_partitioning = true, union_by_name = true)
    UNION ALL BY NAME
    SELECT *
    FROM read_json($spools, format = 'newline_delimited', ignore_errors = true, columns = $spool_columns)
    -- A line that was cut short reads as a row of NULLs.
    WHERE started_at IS NOT NULL
);

-- Answers: every call there is, completed by what became known later.
-- Parameters: filled in when the view is made, because DDL takes none: $columns, $completed and $latest (lists of
--             columns), $settled, $open, $spools, $amendments and $hidden (files), $spool_columns and
--             $amendment_columns (their types), $base (the directory, as file names begin with it).
-- Columns: those of the history row, in its order.
-- The list of hidden files is read once for a query, and rows of the files on it are passed over: that makes every
-- exchange of files one step for a reader. Read in several places it would also cost DuckDB 1.5 ten times the time.
-- Only rows that may still be completed are joined; filters on started_at reach the files.
CREATE VIEW calls AS
SELECT $columns
FROM (
    SELECT $columns, filename
    FROM read_parquet($settled, union_by_name = true, filename = true, hive_partitioning = false)
    UNION ALL
    SELECT $completed, base.filename
    FROM (
        SELECT $columns, filename
        FROM read_parquet($open, union_by_name = true, filename = true, hive_partitioning = false)
        UNION ALL
        SELECT $columns, filename
        FROM read_json(
            $spools, format = 'newline_delimited', ignore_errors = true, filename = true, columns = $spool_columns
        )
        -- A line that was cut short reads as a row of NULLs.
        WHERE started_at IS NOT NULL
    ) AS base
    LEFT JOIN (
        SELECT call_id, $latest
        FROM read_json($amendments, format = 'newline_delimited', ignore_errors = true, columns = $amendment_columns)
        WHERE amended_at IS NOT NULL
        GROUP BY call_id
    ) AS amended ON amended.call_id = base.call_id
)
WHERE filename NOT IN (
    SELECT $base || file
    FROM read_json($hidden, format = 'newline_delimited', ignore_errors = true, columns = {file: 'VARCHAR'})
    WHERE file IS NOT NULL
);

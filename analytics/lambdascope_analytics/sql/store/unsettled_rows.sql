-- Answers: the rows of open segments and spools, completed by what became known later.
-- Parameters: filled in: $columns, $completed and $latest (lists of columns), $open, $spools and $amendments (files),
--             $spool_columns and $amendment_columns (their types).
-- Columns: those of the history row, and filename, the file it comes from.
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

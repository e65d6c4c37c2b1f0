-- Answers: nothing; writes rows as segments, completed by the amendments there are.
-- Parameters: filled in, because COPY takes none: $columns, $completed, $latest, $amendments and $amendment_columns as
--             in views/calls.sql, $source (what to read, with a column list), $condition (which rows to keep),
--             $settle_before (rows that began earlier are not expected to be completed any more), $target, $name.
-- Columns: one row for each file written: its name and how many rows are in it.
COPY (
    SELECT
        $columns,
        strftime(started_at, '%Y-%m-%d') AS date,
        coalesce(
            request_id IS NOT NULL
            AND coalesce(cost_source, 'none') NOT IN ('measured', 'logs')
            AND started_at >= $settle_before,
            false
        ) AS is_open
    FROM (
        SELECT $completed
        -- Neither a line that was cut short, which reads as NULLs, nor a time that has no day of ours.
        FROM (
            SELECT $columns
            FROM $source
            WHERE started_at >= TIMESTAMPTZ '0001-01-01 00:00:00Z' AND started_at < TIMESTAMPTZ '10000-01-01 00:00:00Z'
        ) AS base
        LEFT JOIN (
            SELECT call_id, $latest
            FROM read_json(
                $amendments, format = 'newline_delimited', ignore_errors = true, columns = $amendment_columns
            )
            WHERE amended_at IS NOT NULL
            GROUP BY call_id
        ) AS amended ON amended.call_id = base.call_id
    )
    WHERE $condition
    ORDER BY date, is_open, started_at
) TO $target (
    FORMAT parquet,
    COMPRESSION zstd,
    PARTITION_BY (date, is_open),
    WRITE_PARTITION_COLUMNS false,
    FILENAME_PATTERN $name,
    RETURN_STATS true
);

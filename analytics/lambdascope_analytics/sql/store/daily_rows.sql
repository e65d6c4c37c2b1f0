-- Answers: what calls of each Lambda function came to on each day (UTC), from small files instead of from every call.
-- Parameters: filled in: $hidden, $settled and $rollups (files), $settled_pattern (what $settled matches, as text),
--             $base, $segments_root and $rollups_root (how the names of all files, of segments and of rollups begin),
--             $columns, unsettled_rows (store/unsettled_rows.sql) and rollup_rows (store/rollup_rows.sql over `exact`).
-- Columns: source (rollup or rows: where the figures come from), and those of store/rollup_rows.sql without filename.
-- A rollup stands in for its segment where that is in place; the rows of all others are read. Rollups are written while
-- this runs, and DuckDB lists files whenever it gets to them: so they are read once, and what was read there says which
-- segments need not be. Files are looked for from the top down, the list of hidden files last. Of the segments it opens
-- only those in a list; where NOT IN says which, it opens all.
WITH rolled AS MATERIALIZED (
    SELECT * REPLACE ($segments_root || substr(filename, length($rollups_root) + 1) AS filename)
    FROM read_parquet($rollups, filename = true, hive_partitioning = false)
),
there AS MATERIALIZED (
    SELECT file FROM glob($settled_pattern)
),
exact AS (
    SELECT $columns, filename
    FROM read_parquet($settled, union_by_name = true, filename = true, hive_partitioning = false)
    WHERE filename IN (SELECT file FROM there WHERE file NOT IN (SELECT DISTINCT filename FROM rolled))
    UNION ALL
    $unsettled_rows
)
SELECT * EXCLUDE (filename)
FROM (
    SELECT 'rows' AS source, *
    FROM ($rollup_rows)
    UNION ALL BY NAME
    SELECT 'rollup' AS source, *
    FROM rolled
    WHERE filename IN (SELECT file FROM there)
)
WHERE filename NOT IN (
    SELECT $base || file
    FROM read_json($hidden, format = 'newline_delimited', ignore_errors = true, columns = {file: 'VARCHAR'})
    WHERE file IS NOT NULL
)

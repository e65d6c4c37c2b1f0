-- Answers: every call there is, completed by what became known later.
-- Parameters: filled in when the view is made, because DDL takes none: $columns (list of columns), $settled and $hidden
--             (files), unsettled_rows (store/unsettled_rows.sql), $base (the directory, as file names begin with it).
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
    $unsettled_rows
)
WHERE filename NOT IN (
    SELECT $base || file
    FROM read_json($hidden, format = 'newline_delimited', ignore_errors = true, columns = {file: 'VARCHAR'})
    WHERE file IS NOT NULL
);

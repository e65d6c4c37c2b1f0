-- Answers: nothing; writes what the rows of a segment come to.
-- Parameters: filled in, because COPY takes none: rollup_rows (store/rollup_rows.sql over the segment), $target.
-- Columns: one row, the number of rows written.
COPY (
    SELECT * EXCLUDE (filename)
    FROM ($rollup_rows)
    ORDER BY ALL
) TO $target (FORMAT parquet, COMPRESSION zstd);

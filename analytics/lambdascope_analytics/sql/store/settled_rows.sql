-- Answers: the rows of segments that nothing completes any more.
-- Parameters: filled in: $columns (list of columns), $settled (files, the first with all columns).
-- Columns: those of the history row.
-- Without the file each row is from, which costs as much again as the figures of a day.
SELECT $columns
FROM read_parquet($settled, union_by_name = true, hive_partitioning = false)

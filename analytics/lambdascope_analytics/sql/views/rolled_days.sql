-- Answers: on which days (UTC) some calls are in rollups, from the names of the files alone.
-- Parameters: filled in when the view is made, because DDL takes none: $rollups_pattern (files).
-- Columns: day.
CREATE VIEW rolled_days AS
SELECT DISTINCT CAST(regexp_extract(file, 'date=(\d{4}-\d\d-\d\d)/[^/]*$$', 1) AS DATE) AS day
FROM glob($rollups_pattern)
WHERE file LIKE '%-settled.parquet' AND file NOT LIKE '%/\_keep-settled.parquet' ESCAPE '\';

-- Answers: which staged rows an import takes: one of each call, the one that knows most, and what is to become of it.
-- Parameters: filled in, because DDL takes none: $staged (the file of staged rows), $known (SQL that counts what a row
--             knows of how the call went), $is_open (SQL that tells a row which may still be completed).
-- Columns: file_row_number and day of the staged row; fate: new, completes (it knows more than ours) or known.
-- `calls` is restricted to the days concerned by the files it reads.
CREATE OR REPLACE TEMP TABLE picked AS
WITH staged AS (
    SELECT
        file_row_number,
        call_id,
        CAST(started_at AS DATE) AS day,
        $known AS known,
        row_number() OVER (PARTITION BY call_id ORDER BY $known DESC, file_row_number) AS place
    FROM read_parquet($staged, file_row_number = true)
),
ours AS (
    SELECT call_id, max($known) AS known, bool_and($is_open) AS is_open
    FROM calls
    WHERE call_id IN (SELECT call_id FROM staged)
    GROUP BY call_id
)
SELECT
    staged.file_row_number,
    staged.day,
    CASE
        WHEN ours.call_id IS NULL THEN 'new'
        WHEN ours.is_open AND staged.known > ours.known THEN 'completes'
        ELSE 'known'
    END AS fate
FROM staged
LEFT JOIN ours ON ours.call_id = staged.call_id
WHERE staged.place = 1;

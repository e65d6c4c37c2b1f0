-- Answers: how many calls there are, and when the first of them began.
-- Parameters: none.
-- Columns: calls, first_started_at (NULL without any).
SELECT
    count(*) AS calls,
    min(started_at) AS first_started_at
FROM calls

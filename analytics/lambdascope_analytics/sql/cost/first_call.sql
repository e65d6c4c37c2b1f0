-- Answers: when the first call of a Lambda function was recorded.
-- Parameters: $started_before (exclusive), a timestamp with time zone.
-- Columns: first_at (NULL: there is none).
SELECT min(started_at) AS first_at
FROM calls
WHERE target = 'lambda'
    AND started_at < $started_before;

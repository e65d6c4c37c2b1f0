-- Answers: how many calls of Lambda functions began after a moment, such as now: a clock must be wrong then.
-- Parameters: $started_after (exclusive), a timestamp with time zone.
-- Columns: calls.
SELECT count(*) AS calls
FROM calls
WHERE target = 'lambda'
    AND started_at > $started_after;

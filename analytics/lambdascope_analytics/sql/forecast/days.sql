-- Answers: what calls of Lambda functions cost on each day (UTC).
-- Parameters: $started_after (inclusive) and $started_before (exclusive), timestamps with time zone; $function_name
--             (NULL: every one).
-- Columns: day, calls, unpriced_calls, cost_usd (of the others; NULL if there is none). Earliest first; a day without
--          calls is not there.
WITH made AS (
    SELECT
        CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS day,
        cost_usd
    FROM calls
    WHERE target = 'lambda'
        AND started_at >= $started_after
        AND started_at < $started_before
        AND ($function_name IS NULL OR function_name = $function_name)
)

SELECT
    day,
    count(*) AS calls,
    count(*) - count(cost_usd) AS unpriced_calls,
    sum(cost_usd) AS cost_usd
FROM made
GROUP BY day
ORDER BY day;

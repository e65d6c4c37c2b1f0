-- Answers: when the first call of a Lambda function came through the proxy.
-- Parameters: none.
-- Columns: first_at. One row, or none. In order of time, which segments know of themselves: a minimum would read them all.
SELECT started_at AS first_at
FROM calls
WHERE target = 'lambda' AND coalesce(transport, '') <> 'backfill'
ORDER BY started_at
LIMIT 1;

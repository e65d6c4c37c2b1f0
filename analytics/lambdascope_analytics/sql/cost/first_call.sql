-- Answers: when the first call of a Lambda function or another MCP server was recorded.
-- Parameters: $started_before (exclusive), a timestamp with time zone.
-- Columns: first_at (NULL: there is none).
SELECT min(started_at) AS first_at
FROM calls
WHERE (target = 'lambda' OR target LIKE 'upstream:%')
    AND started_at < $started_before;

-- Answers: whether any call of a Lambda function or another MCP server was recorded before a moment.
-- Parameters: $started_before (exclusive), a timestamp with time zone.
-- Columns: known (1; 0: there is none).
SELECT count(*) AS known
FROM (
    SELECT 1 AS one
    FROM calls
    WHERE (target = 'lambda' OR target LIKE 'upstream:%')
        AND started_at < $started_before
    LIMIT 1
) AS earlier;

-- Answers: how many calls of Lambda functions and other MCP servers began after a moment, such as now: a
--          clock must be wrong then.
-- Parameters: $started_after (exclusive), a timestamp with time zone; $function_name, $region and $account_id (each
--             NULL: every one).
-- Columns: calls.
SELECT count(*) AS calls
FROM calls
WHERE (target = 'lambda' OR target LIKE 'upstream:%')
    AND started_at > $started_after
    AND (
        CAST($function_name AS VARCHAR) IS NULL
        OR CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END = $function_name
    )
    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id);

-- Answers: when the latest call of Lambda functions and other MCP servers began.
-- Parameters: $started_before (exclusive), a timestamp with time zone; $function_name, $region and $account_id (each
--             NULL: every one).
-- Columns: last_at (NULL: there is none).
SELECT max(started_at) AS last_at
FROM calls
WHERE (target = 'lambda' OR target LIKE 'upstream:%')
    AND started_at < $started_before
    AND (
        CAST($function_name AS VARCHAR) IS NULL
        OR CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END = $function_name
    )
    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id);

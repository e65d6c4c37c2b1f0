-- Answers: which calls of Lambda functions have no latency to tell, where none has.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone; $function_name,
--             $region and $account_id, each NULL for all.
-- Columns: calls, imported_calls (executions taken from the logs), asynchronous_calls (nobody waited for them). One row.
SELECT
    count(*) AS calls,
    count(*) FILTER (WHERE transport = 'backfill') AS imported_calls,
    count(*) FILTER (WHERE outcome IN ('accepted', 'dry_run') OR invocation_type = 'Event') AS asynchronous_calls
FROM calls
WHERE target = 'lambda'
    AND started_at >= $started_after
    AND started_at < $started_before
    AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id);

-- Answers: which versions of a function were called in a period.
-- Parameters: $function_name, $region and $account_id (each NULL: every one), $started_after (inclusive) and
--             $started_before (exclusive), both timestamps with time zone.
-- Columns: executed_version. The one that was called for the first time latest is first; ten at most.
SELECT executed_version
FROM calls
WHERE target = 'lambda'
    AND executed_version IS NOT NULL
    AND coalesce(transport, '') <> 'backfill'
    AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
    AND started_at >= $started_after
    AND started_at < $started_before
GROUP BY executed_version
ORDER BY min(started_at) DESC, executed_version DESC
LIMIT 10;

-- Answers: when each version of a function was called for the first time.
-- Parameters: $function_name, $region and $account_id (each NULL: every one), $called_after (inclusive) and
--             $called_before (exclusive), both timestamps with time zone, between which that was.
-- Columns: function_name, executed_version, first_called. Oldest first. $LATEST has no deployment that could be seen.
SELECT
    function_name,
    executed_version,
    min(started_at) AS first_called
FROM calls
WHERE target = 'lambda'
    AND executed_version <> '$LATEST'
    AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
    AND started_at < $called_before
GROUP BY function_name, executed_version
HAVING min(started_at) >= $called_after
ORDER BY first_called, function_name, executed_version;

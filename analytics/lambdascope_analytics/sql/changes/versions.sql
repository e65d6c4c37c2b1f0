-- Answers: when each version of a function was first called in a stretch of time.
-- Parameters: $function_name (or NULL for all), $started_after (inclusive), $started_before (exclusive), both
--             timestamps with time zone.
-- Columns: function_name, executed_version, first_seen. Oldest first. $LATEST has no deployment that could be seen.
SELECT
    function_name,
    executed_version,
    min(started_at) AS first_seen
FROM calls
WHERE target = 'lambda'
    AND executed_version <> '$LATEST'
    AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
    AND started_at >= $started_after
    AND started_at < $started_before
GROUP BY function_name, executed_version
ORDER BY first_seen, function_name, executed_version;

-- Answers: which calls of Lambda functions were billed and have no price in dollars.
-- Parameters: $function_name, $region and $account_id (each NULL: every one), $started_after (inclusive),
--             $started_before (exclusive), both timestamps with time zone.
-- Columns: region, architecture, calls, mb_ms (memory x billed time).
SELECT
    region,
    architecture,
    count(*) AS calls,
    sum(memory_mb * billed_ms) AS mb_ms
FROM calls
WHERE target = 'lambda'
    AND cost_usd IS NULL
    AND memory_mb IS NOT NULL
    -- No execution takes a longer time: a row that claims one must not overflow the sum.
    AND billed_ms BETWEEN 0 AND 1000000000
    AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
    AND started_at >= $started_after
    AND started_at < $started_before
GROUP BY region, architecture
ORDER BY region NULLS LAST, architecture NULLS LAST;

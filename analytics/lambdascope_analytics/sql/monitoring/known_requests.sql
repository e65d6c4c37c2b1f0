-- Answers: which executions of one Lambda function the history has already.
-- Parameters: $function_name, $region, $started_after (inclusive), $started_before (exclusive), both timestamps with
--             time zone.
-- Columns: request_id, imported_ids (call ids of the attempts that were imported from the logs; NULL for a request
--          that came through a proxy, all attempts of which are its own).
SELECT
    request_id,
    CASE
        WHEN count(*) FILTER (WHERE coalesce(transport, '') <> 'backfill') = 0 THEN array_agg(call_id)
    END AS imported_ids
FROM calls
WHERE target = 'lambda'
    AND function_name = $function_name
    AND region = $region
    AND started_at >= $started_after
    AND started_at < $started_before
    AND request_id IS NOT NULL
GROUP BY request_id;

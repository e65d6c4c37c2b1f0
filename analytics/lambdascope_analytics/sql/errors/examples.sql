-- Answers: the latest calls of some kinds of error in a period.
-- Parameters: $kinds (as clusters.sql names them, with a line break before and after each), $function_name, $region and
--             $account_id (each NULL: every one), $started_after (inclusive), $started_before (exclusive), both timestamps with time zone.
-- Columns: kind, sort (failure or caller, as there), call_id, place (1 is the latest, 3 the last). By kind, latest first.
WITH failed AS (
    SELECT
        coalesce(error_fingerprint, outcome || ' ' || coalesce(error_type, '')) AS kind,
        CASE WHEN outcome IN ('refused', 'invalid_arguments') THEN 'caller' ELSE 'failure' END AS sort,
        call_id,
        started_at
    FROM calls
    WHERE target <> 'cloudwatch'
        -- To be asked for an approval is no fault: the call that follows on it says how it went.
        AND NOT coalesce(outcome = 'refused' AND error_type = 'ApprovalAsked', FALSE)
        AND outcome NOT IN ('ok', 'accepted', 'dry_run')
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
        AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
        AND started_at >= $started_after
        AND started_at < $started_before
),
placed AS (
    SELECT
        kind,
        sort,
        CAST(call_id AS VARCHAR) AS call_id,
        row_number() OVER (PARTITION BY kind, sort ORDER BY started_at DESC, call_id DESC) AS place
    FROM failed
    WHERE strpos($kinds, chr(10) || kind || chr(10)) > 0
)
SELECT kind, sort, call_id, place
FROM placed
WHERE place <= 3
ORDER BY kind, sort, place;

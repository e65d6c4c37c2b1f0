-- Answers: what kinds of error there were in a period and in the one before it, and where each was seen.
-- Parameters: $function_name, $region and $account_id (each NULL: every one), $known_after (how far to look back for
--             when a kind was first seen), $before_after (the start of the period before), $started_after (inclusive), $started_before (exclusive),
--             all timestamps with time zone; $top, how many of each sort.
-- Columns: kind (the fingerprint, or where there is none outcome and type), sort (failure; caller: refused, or with
--          arguments that do not fit; gone: only seen before), place (1 is the most frequent of its sort), kinds (how
--          many there are of the sort); of the kind: first_seen, last_seen (since $known_after, and after the period
--          too), kind_calls, kind_previous_calls, cost_usd, unpriced_calls (of the period). Then a row for each place
--          of the kind: function_name (of another server the tool), client_name, executed_version, outcome, error_type,
--          error_message (the latest), seen_at (when), calls, previous_calls.
WITH failed AS (
    SELECT
        coalesce(error_fingerprint, outcome || ' ' || coalesce(error_type, '')) AS kind,
        CASE WHEN outcome IN ('refused', 'invalid_arguments') THEN 'caller' ELSE 'failure' END AS fault,
        CASE WHEN target LIKE 'upstream:%' THEN tool_name ELSE function_name END AS function_name,
        client_name,
        executed_version,
        outcome,
        error_type,
        error_message,
        started_at,
        cost_usd,
        started_at >= $started_after AND started_at < $started_before AS is_now,
        started_at >= $before_after AND started_at < $started_after AS is_before
    FROM calls
    WHERE target <> 'cloudwatch'
        -- To be asked for an approval is no fault: the call that follows on it says how it went.
        AND NOT coalesce(outcome = 'refused' AND error_type = 'ApprovalAsked', FALSE)
        AND outcome NOT IN ('ok', 'accepted', 'dry_run')
        AND (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
        AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
        AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
        AND started_at >= $known_after
),
cells AS (
    SELECT
        kind,
        fault,
        function_name,
        client_name,
        executed_version,
        outcome,
        error_type,
        max_by(error_message, started_at) AS error_message,
        min(started_at) AS first_seen,
        max(started_at) AS last_seen,
        count(*) FILTER (WHERE is_now) AS calls,
        count(*) FILTER (WHERE is_before) AS previous_calls,
        sum(cost_usd) FILTER (WHERE is_now) AS cost_usd,
        count(*) FILTER (WHERE is_now AND cost_usd IS NULL) AS unpriced_calls
    FROM failed
    GROUP BY kind, fault, function_name, client_name, executed_version, outcome, error_type
),
kinds AS (
    SELECT
        kind,
        fault,
        CASE WHEN sum(calls) > 0 THEN fault ELSE 'gone' END AS sort,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        sum(calls) AS kind_calls,
        sum(previous_calls) AS kind_previous_calls,
        sum(cost_usd) AS cost_usd,
        sum(unpriced_calls) AS unpriced_calls
    FROM cells
    GROUP BY kind, fault
    HAVING sum(calls) > 0 OR sum(previous_calls) > 0
),
placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY sort ORDER BY kind_calls DESC, kind_previous_calls DESC, kind, fault) AS place,
        count(*) OVER (PARTITION BY sort) AS kinds
    FROM kinds
)
SELECT
    placed.kind,
    placed.sort,
    placed.place,
    placed.kinds,
    placed.first_seen,
    placed.last_seen,
    placed.kind_calls,
    placed.kind_previous_calls,
    placed.cost_usd,
    placed.unpriced_calls,
    cells.function_name,
    cells.client_name,
    cells.executed_version,
    cells.outcome,
    cells.error_type,
    cells.error_message,
    cells.last_seen AS seen_at,
    cells.calls,
    cells.previous_calls
FROM placed
INNER JOIN cells ON cells.kind = placed.kind AND cells.fault = placed.fault
WHERE placed.place <= $top
ORDER BY
    placed.sort,
    placed.place,
    cells.calls DESC,
    cells.previous_calls DESC,
    cells.last_seen DESC,
    cells.function_name,
    cells.client_name,
    cells.executed_version;

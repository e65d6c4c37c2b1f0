-- Answers: what the same session called just before and after one call.
-- Parameters: $call_id, $limit (how many on each side).
-- Columns: place (-1 is the call before, 1 the one after), call_id, started_at, tool_name, function_name, region,
--          account_id, outcome, error_type, total_ms, duration_ms, cost_usd, trace_id. Oldest first.
-- Over stdio a session has no id, but a process of its own.
WITH known AS (
    SELECT
        call_id,
        started_at,
        tool_name,
        function_name,
        region,
        account_id,
        outcome,
        error_type,
        total_ms,
        duration_ms,
        cost_usd,
        trace_id,
        CASE
            WHEN session_id IS NOT NULL THEN session_id
            WHEN transport = 'stdio' THEN concat(host, ' ', CAST(pid AS VARCHAR))
        END AS session
    FROM calls
),
this AS (
    SELECT call_id, started_at, session
    FROM known
    WHERE call_id = TRY_CAST($call_id AS UUID)
    LIMIT 1
),
neighbours AS (
    SELECT
        known.*,
        known.started_at > this.started_at
        OR (known.started_at = this.started_at AND known.call_id > this.call_id) AS is_later
    FROM known
    INNER JOIN this ON known.session = this.session
    WHERE known.call_id <> this.call_id
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY is_later ORDER BY started_at, call_id) AS place
    FROM neighbours
    WHERE is_later
    UNION ALL
    SELECT *, -row_number() OVER (PARTITION BY is_later ORDER BY started_at DESC, call_id DESC) AS place
    FROM neighbours
    WHERE NOT is_later
)
SELECT
    place,
    call_id,
    started_at,
    tool_name,
    function_name,
    region,
    account_id,
    outcome,
    error_type,
    total_ms,
    duration_ms,
    cost_usd,
    trace_id
FROM placed
WHERE abs(place) <= $limit
ORDER BY place;

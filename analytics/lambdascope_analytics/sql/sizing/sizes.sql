-- Answers: what the executions of one function tell about its settings, for each size and architecture it ran with.
-- Parameters: $function_name; $region, $account_id (NULL: any); $started_after (inclusive), $started_before
--   (exclusive), TIMESTAMPTZ.
-- Columns: memory_mb, architecture; region, last_region, account_id, last_account_id (the first and the last by name:
--   they differ where functions of that name ran in several places); runtime (of the newest row that has one);
--   first_at, last_at; calls; from_logs (not through the proxy); executions (with handler time); failed (of those);
--   unpriced_calls (billed, but without cost_usd); skewed_calls (times that contradict each other); billed_ms,
--   with_billed_ms (rows); successes, success_p999_ms, success_longest_ms (handler time); alike, alike_billed_ms,
--   alike_variance, alike_p95_ms (billed time and p95 handler time of warm, successful calls that somebody waited for:
--   what sizes are compared by); memory_reports, memory_max_mb, memory_p999_mb (most memory used); out_of_memory;
--   timeouts, timeouts_billed_ms, timeout_ms (the longest that was cut off); cold_starts, init_ms (sum), init_count,
--   init_p50_ms, init_p95_ms, init_p99_ms; restores.
WITH executed AS (
    SELECT
        started_at, region, account_id, memory_mb, architecture, runtime, transport, outcome, duration_ms, billed_ms,
        init_ms, restore_ms, max_memory_mb, cost_usd, overhead_ms, proxy_ms, cold_start,
        outcome IN ('ok', 'accepted') AS is_success,
        outcome = 'ok' AND NOT coalesce(cold_start, FALSE) AND coalesce(invocation_type, '') <> 'Event' AS is_alike
    FROM calls
    WHERE target = 'lambda' AND function_name = $function_name
        AND ($region IS NULL OR region = $region) AND ($account_id IS NULL OR account_id = $account_id)
        AND started_at >= $started_after AND started_at < $started_before
)
SELECT
    memory_mb,
    architecture,
    min(region) AS region,
    max(region) AS last_region,
    min(account_id) AS account_id,
    max(account_id) AS last_account_id,
    max_by(runtime, started_at) FILTER (WHERE runtime IS NOT NULL) AS runtime,
    min(started_at) AS first_at,
    max(started_at) AS last_at,
    count(*) AS calls,
    count(*) FILTER (WHERE transport = 'backfill') AS from_logs,
    count(duration_ms) AS executions,
    count(duration_ms) FILTER (WHERE NOT is_success) AS failed,
    count(*) FILTER (WHERE cost_usd IS NULL AND (billed_ms IS NOT NULL OR duration_ms IS NOT NULL)) AS unpriced_calls,
    count(*) FILTER (WHERE overhead_ms < 0 OR proxy_ms < 0) AS skewed_calls,
    CAST(sum(billed_ms) AS BIGINT) AS billed_ms,
    count(billed_ms) AS with_billed_ms,
    count(duration_ms) FILTER (WHERE is_success) AS successes,
    quantile_cont(duration_ms, 0.999) FILTER (WHERE is_success) AS success_p999_ms,
    max(duration_ms) FILTER (WHERE is_success) AS success_longest_ms,
    count(billed_ms) FILTER (WHERE is_alike) AS alike,
    CAST(sum(billed_ms) FILTER (WHERE is_alike) AS BIGINT) AS alike_billed_ms,
    var_samp(billed_ms) FILTER (WHERE is_alike) AS alike_variance,
    quantile_cont(duration_ms, 0.95) FILTER (WHERE is_alike) AS alike_p95_ms,
    count(max_memory_mb) AS memory_reports,
    max(max_memory_mb) AS memory_max_mb,
    quantile_cont(max_memory_mb, 0.999) AS memory_p999_mb,
    count(*) FILTER (WHERE outcome = 'out_of_memory') AS out_of_memory,
    count(*) FILTER (WHERE outcome = 'function_timeout') AS timeouts,
    CAST(sum(billed_ms) FILTER (WHERE outcome = 'function_timeout') AS BIGINT) AS timeouts_billed_ms,
    max(duration_ms) FILTER (WHERE outcome = 'function_timeout') AS timeout_ms,
    count(*) FILTER (WHERE cold_start) AS cold_starts,
    sum(init_ms) AS init_ms,
    count(init_ms) AS init_count,
    quantile_cont(init_ms, 0.5) AS init_p50_ms,
    quantile_cont(init_ms, 0.95) AS init_p95_ms,
    quantile_cont(init_ms, 0.99) AS init_p99_ms,
    count(restore_ms) AS restores
FROM executed
GROUP BY memory_mb, architecture
ORDER BY last_at DESC, memory_mb, architecture

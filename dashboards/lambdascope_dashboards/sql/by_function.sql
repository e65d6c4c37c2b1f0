-- Answers: what each function cost, and what of it bought nothing.
-- Parameters: those of the dashboard: the time range, $region, $function, $client.
-- Columns: function, region, calls, cost, share (of the cost of all), a_call, failed, cold_starts, unused_memory.
SELECT
    coalesce(function_name, 'unknown') AS function,
    coalesce(region, 'unknown') AS region,
    count(*) AS calls,
    CAST(sum(cost_usd) AS DOUBLE) AS cost,
    CAST(sum(cost_usd) AS DOUBLE) / nullif(CAST(sum(sum(cost_usd)) OVER () AS DOUBLE), 0) AS share,
    CAST(avg(cost_usd) AS DOUBLE) AS a_call,
    CAST(sum(CASE WHEN outcome NOT IN ('ok', 'accepted', 'dry_run') THEN cost_usd END) AS DOUBLE) AS failed,
    CAST(
        sum(
            CASE
                WHEN cold_start
                    THEN cost_usd * least(1, (coalesce(init_ms, 0) + coalesce(restore_ms, 0)) / nullif(billed_ms, 0))
            END
        ) AS DOUBLE
    ) AS cold_starts,
    CAST(sum(cost_usd * greatest(0, 1 - CAST(max_memory_mb AS DOUBLE) / nullif(memory_mb, 0))) AS DOUBLE) AS unused_memory
FROM calls
WHERE target = 'lambda'
    AND $__timeFilter(started_at)
    AND coalesce(region, 'unknown') IN ($region)
    AND coalesce(function_name, 'unknown') IN ($function)
    AND coalesce(client_name, 'unknown') IN ($client)
GROUP BY 1, 2
ORDER BY cost DESC NULLS LAST
LIMIT 200

-- Answers: what calls of Lambda functions and other MCP servers come to by day, function and all that a price or an outcome goes by.
-- Parameters: filled in: $rows (what to read, after FROM; with the file each row is from), $sketches (columns, or nothing).
-- Columns: filename, day (UTC), function_name (of another server its target: upstream:<name>), region, account_id, architecture, memory_mb, outcome, cold_start,
--          cost_source; calls, of them from_logs (never came through a proxy), billed_calls and priced_calls (with
--          billed_ms and with cost_usd), retries; sums: cost_usd, billed_ms, init_ms, unused_mb_ms (billed time times
--          the memory that stayed free); and with $sketches total_sketch and duration_sketch (store/sketch.sql).
-- DECIMAL(38, 0) because Parquet has no larger integer than BIGINT. Lambda may report a little more memory used than
-- there is: none stayed free then.
SELECT
    filename,
    CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS day,
    CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END AS function_name,
    region,
    account_id,
    architecture,
    memory_mb,
    outcome,
    cold_start,
    cost_source,
    count(*) AS calls,
    count(*) FILTER (WHERE transport = 'backfill') AS from_logs,
    count(billed_ms) AS billed_calls,
    count(cost_usd) AS priced_calls,
    CAST(sum(greatest(attempts - 1, 0)) AS DECIMAL(38, 0)) AS retries,
    sum(cost_usd) AS cost_usd,
    CAST(sum(billed_ms) AS DECIMAL(38, 0)) AS billed_ms,
    sum(init_ms) AS init_ms,
    sum(CAST(billed_ms AS DOUBLE) * CASE
        WHEN max_memory_mb > memory_mb THEN 0 ELSE CAST(memory_mb AS BIGINT) - max_memory_mb
    END) AS unused_mb_ms
    $sketches
FROM $rows
WHERE target = 'lambda' OR target LIKE 'upstream:%'
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10

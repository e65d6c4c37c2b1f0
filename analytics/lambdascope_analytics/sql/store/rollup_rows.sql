-- Answers: what calls of Lambda functions come to by day, function and all that a price or an outcome goes by.
-- Parameters: filled in: $rows (what to read, after FROM; with the file each row is from).
-- Columns: filename, day (UTC), function_name, region, account_id, architecture, memory_mb, outcome, cold_start,
--          cost_source; calls, of them from_logs (never came through a proxy), billed_calls and priced_calls (with
--          billed_ms and with cost_usd), retries; sums: cost_usd, billed_ms, init_ms, unused_mb_ms (billed time times
--          the memory that stayed free); total_sketch and duration_sketch: how many calls lie in each bucket of total_ms
--          and duration_ms, six bytes a bucket in no order, big-endian: bucket (2) and calls (4). Bucket 32768 + 700 + k
--          holds what is above 1.02^(k-1) and up to 1.02^k ms, 32768 zero, 32768 - 700 - k the same below zero.
-- DECIMAL(38, 0) because Parquet has no larger integer than BIGINT.
SELECT
    filename,
    CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS day,
    function_name,
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
    sum(CAST(billed_ms AS DOUBLE) * (CAST(memory_mb AS BIGINT) - max_memory_mb)) AS unused_mb_ms,
    unhex(array_to_string(list_transform(
        map_entries(histogram(
            32768 + CAST(sign(total_ms) * CASE
                WHEN abs(total_ms) < 1e-6 THEN 0 ELSE 700 + ceil(ln(least(abs(total_ms), 1e15)) / ln(1.02))
            END AS INTEGER)
        )),
        lambda bucket: printf('%04x%08x', bucket.key, bucket.value)
    ), '')) AS total_sketch,
    unhex(array_to_string(list_transform(
        map_entries(histogram(
            32768 + CAST(sign(duration_ms) * CASE
                WHEN abs(duration_ms) < 1e-6 THEN 0 ELSE 700 + ceil(ln(least(abs(duration_ms), 1e15)) / ln(1.02))
            END AS INTEGER)
        )),
        lambda bucket: printf('%04x%08x', bucket.key, bucket.value)
    ), '')) AS duration_sketch
FROM $rows
WHERE target = 'lambda'
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10

-- Answers: nothing; makes up rows like those of real calls, the same ones every time.
-- Parameters: $first and $last (numbers of the rows), $step_us (microseconds between calls), $schema_version.
-- Columns: those of the history row.
SELECT
    CAST(printf('%s-%s-7%s-a%s-%s', hex_ms[1:8], hex_ms[9:12], dice[1:3], dice[4:6], dice[7:18]) AS UUID) AS call_id,
    moment AS started_at,
    md5('trace' || i) AS trace_id,
    left(md5('span' || i), 16) AS span_id,
    'sess-' || left(md5('session' || i // 500), 16) AS session_id,
    'claude-code' AS client_name,
    '2.1.' || i // 1000000 AS client_version,
    NULL AS principal,
    'stdio' AS transport,
    '2026-07-28' AS protocol_version,
    'invoke_function' AS tool_name,
    'lambda' AS target,
    'team-prod-function-' || f AS function_name,
    NULL AS qualifier,
    '$$LATEST' AS executed_version,
    'eu-central-1' AS region,
    '123456789012' AS account_id,
    'arm64' AS architecture,
    'python3.13' AS runtime,
    'RequestResponse' AS invocation_type,
    CASE WHEN fails THEN 'function_error' ELSE 'ok' END AS outcome,
    CASE WHEN fails THEN 'KeyError' END AS error_type,
    CASE WHEN fails THEN 'missing key order_' || h % 1000 END AS error_message,
    CASE WHEN fails THEN 'a1b2c3d4e5f6' || f END AS error_fingerprint,
    round(handled + overhead + proxy, 3) AS total_ms,
    round(handled + overhead, 3) AS invoke_ms,
    duration AS duration_ms,
    CAST(ceil(handled) AS BIGINT) AS billed_ms,
    init AS init_ms,
    NULL AS restore_ms,
    overhead AS overhead_ms,
    proxy AS proxy_ms,
    is_cold AS cold_start,
    CAST(memory AS INTEGER) AS memory_mb,
    CAST(memory * 0.4 + h % 37 AS INTEGER) AS max_memory_mb,
    CAST(100 + h % 900 AS BIGINT) AS request_bytes,
    CAST(200 + h % 5000 AS BIGINT) AS response_bytes,
    CAST(CAST(md5('request' || i) AS UUID) AS VARCHAR) AS request_id,
    NULL AS xray_trace_id,
    1 AS attempts,
    CAST(0.0000002 + ceil(handled) * memory / 1024 * 0.0000000133334 AS DECIMAL(18, 12)) AS cost_usd,
    'measured' AS cost_source,
    '2026-09-19' AS rates_version,
    'ip-10-0-0-12' AS host,
    CAST(4000 + i % 4 AS INTEGER) AS pid,
    NULL AS request_payload,
    NULL AS response_payload,
    $schema_version AS schema_version
FROM (
    SELECT
        *,
        duration + coalesce(init, 0) AS handled,
        lpad(lower(hex(epoch_ms(moment))), 12, '0') AS hex_ms,
        md5(CAST(i AS VARCHAR)) AS dice
    FROM (
        SELECT
            i,
            h,
            f,
            TIMESTAMPTZ '2026-10-01 00:00:00+00' + to_microseconds(CAST(i * $step_us + h % 1000 AS BIGINT)) AS moment,
            round(exp((hash(i * 19) % 10000) / 10000.0 * 5 + 1) * (1 + f / 10.0) + (h % 1000) / 997.0, 2) AS duration,
            CASE WHEN is_cold THEN round(200 + (h % 100000) / 333.0, 2) END AS init,
            hash(i * 31) % 10000 / 1000.0 AS overhead,
            round(1.5 + (h % 1000) / 1000.0, 3) AS proxy,
            128 * (1 + f % 4) AS memory,
            hash(i * 13) % 100 < 3 AS fails,
            is_cold
        FROM (
            SELECT
                i,
                hash(i) AS h,
                CAST(hash(i * 7) % 20 AS INTEGER) AS f,
                hash(i * 17) % 50 = 0 AS is_cold
            FROM range($first, $last) AS numbers (i)
        )
    )
)

-- Answers: what each Lambda function and each other MCP server was used for and cost on each day (UTC).
-- Parameters: none.
-- Columns: day, function_name (of another server its target: upstream:<name>), region, calls, failures, billed_ms, priced_calls, measured_calls,
--          cost_usd (of the priced calls; NULL if none is priced).
CREATE VIEW cost_by_function_day AS
SELECT
    CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS day,
    CASE WHEN target LIKE 'upstream:%' THEN target ELSE function_name END AS function_name,
    region,
    count(*) AS calls,
    count(*) FILTER (WHERE outcome NOT IN ('ok', 'accepted', 'dry_run')) AS failures,
    sum(billed_ms) AS billed_ms,
    count(cost_usd) AS priced_calls,
    count(*) FILTER (WHERE cost_source IN ('measured', 'logs')) AS measured_calls,
    sum(cost_usd) AS cost_usd
FROM calls
WHERE target = 'lambda' OR target LIKE 'upstream:%'
GROUP BY 1, 2, region;

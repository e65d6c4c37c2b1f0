-- Answers: what looking at CloudWatch has cost since a moment, by the tool that looked.
-- Parameters: $started_after (inclusive), a timestamp with time zone.
-- Columns: tool_name, calls, priced_calls, cost_usd (of the priced calls; NULL if none is priced). Dearest first.
SELECT
    tool_name,
    count(*) AS calls,
    count(cost_usd) AS priced_calls,
    sum(cost_usd) AS cost_usd
FROM calls
WHERE target = 'cloudwatch'
    AND started_at >= $started_after
GROUP BY tool_name
ORDER BY cost_usd DESC NULLS LAST, tool_name;

-- Answers: what looking at CloudWatch has cost since a moment, by the tool that looked.
-- Parameters: $started_after (inclusive), a timestamp with time zone.
-- Columns: tool_name, calls, unpriced_calls (answered, at a price that is not known), cost_usd (of the others; NULL if
--          there is none). Dearest first.
SELECT
    tool_name,
    count(*) AS calls,
    -- What was refused asked nothing, and what inspect_execution asks is not charged.
    count(*) FILTER (
        WHERE cost_usd IS NULL AND outcome = 'ok' AND tool_name <> 'inspect_execution'
    ) AS unpriced_calls,
    sum(cost_usd) AS cost_usd
FROM calls
WHERE target = 'cloudwatch'
    AND started_at >= $started_after
GROUP BY tool_name
ORDER BY cost_usd DESC NULLS LAST, tool_name;

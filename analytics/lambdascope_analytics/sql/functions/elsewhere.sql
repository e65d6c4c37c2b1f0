-- Answers: how many calls of other MCP servers began in a period, for whoever asked about calls of functions alone.
-- Parameters: $started_after (inclusive) and $started_before (exclusive), timestamps with time zone.
-- Columns: calls.
SELECT count(*) AS calls
FROM calls
WHERE target LIKE 'upstream:%'
    AND started_at >= $started_after
    AND started_at < $started_before;

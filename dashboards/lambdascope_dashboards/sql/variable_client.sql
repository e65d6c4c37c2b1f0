-- Answers: what the variable client may be.
-- Parameters: the time range of the dashboard.
-- Columns: client.
SELECT DISTINCT coalesce(client_name, 'unknown') AS client
FROM calls
WHERE target = 'lambda' AND $__timeFilter(started_at)
ORDER BY 1

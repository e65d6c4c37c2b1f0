-- Answers: what the variable region may be.
-- Parameters: the time range of the dashboard.
-- Columns: region.
SELECT DISTINCT coalesce(region, 'unknown') AS region
FROM calls
WHERE target = 'lambda' AND $__timeFilter(started_at)
ORDER BY 1

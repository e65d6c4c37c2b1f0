-- Answers: what the variable function may be.
-- Parameters: the time range of the dashboard.
-- Columns: function.
SELECT DISTINCT coalesce(function_name, 'unknown') AS function
FROM calls
WHERE target = 'lambda' AND $__timeFilter(started_at)
ORDER BY 1

-- Answers: how total_ms of the calls of each Lambda function was distributed on each day (UTC).
-- Parameters: $first_day, $day_after (exclusive), $function_name (NULL: all), $most (rows).
-- Columns: day, function_name, region, account_id, source (rollup or rows), calls, sketch (see store/sketch.sql);
--          several rows tell of the same day and function, and stand together.
SELECT day, function_name, region, account_id, source, calls, total_sketch AS sketch
FROM daily_sketches
WHERE day >= $first_day AND day < $day_after AND ($function_name IS NULL OR function_name = $function_name)
ORDER BY day, function_name, region, account_id
LIMIT $most

-- Answers: how total_ms and duration_ms were distributed on each day (UTC), for each Lambda function.
-- Parameters: filled in when the view is made, because DDL takes none: daily_rows (store/daily_rows.sql with sketches).
-- Columns: source (rollup or rows), day, function_name, region, account_id, calls, total_sketch, duration_sketch (both as
--          store/sketch.sql says). Several rows may tell of the same day and function: add up the calls of each bucket.
CREATE VIEW daily_sketches AS
SELECT source, day, function_name, region, account_id, calls, total_sketch, duration_sketch
FROM ($daily_rows);

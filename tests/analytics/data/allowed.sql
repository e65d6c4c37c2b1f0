SELECT 1;;
SELECT 1; -- a remark and a semicolon
;;
SELECT * FROM calls;;
SELECT * FROM main.calls AS c;;
FROM calls SELECT count(*);;
TABLE calls;;
VALUES (1, 'a'), (2, 'b');;
DESCRIBE calls;;
DESCRIBE SELECT function_name FROM calls;;
SUMMARIZE calls;;
SHOW TABLES;;
WITH x AS (SELECT 1 AS a), y AS MATERIALIZED (FROM x) SELECT * FROM x JOIN y USING (a);;
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t;;
WITH errors AS (SELECT 1 AS a) SELECT a FROM errors;;
SELECT * FROM range(3) t(i), unnest([1, 2]) u(x), generate_series(1, 2) g(y);;
SELECT key, value FROM json_each('{"a": 1}');;
SELECT function_name, count(*) FILTER (WHERE cold_start), sum(cost_usd), quantile_cont(total_ms, 0.9) FROM calls
GROUP BY ALL HAVING count(*) > 0 ORDER BY ALL LIMIT 5 OFFSET 0;;
SELECT function_name, outcome, count(*) FROM calls GROUP BY CUBE (function_name, outcome);;
SELECT call_id, row_number() OVER (PARTITION BY function_name ORDER BY started_at DESC) AS n FROM calls QUALIFY n = 1;;
SELECT CASE WHEN cold_start THEN 'cold' ELSE 'warm' END, started_at::DATE, started_at AT TIME ZONE 'Europe/Berlin',
date_trunc('hour', started_at), CAST(cost_usd AS DECIMAL(38, 18)), error_message LIKE 'a%', total_ms BETWEEN 1 AND 2,
region IN ('a', 'b'), NOT cold_start, -total_ms, total_ms IS NULL, pid COLLATE NOCASE FROM calls;;
SELECT {'a': 1, 'b': [1, 2]}, MAP {'k': 1}, [x + 1 for x in [1, 2]], list_transform([1], lambda x: x + 1), [1, 2][1];;
SELECT COLUMNS('.*_ms') FROM calls;;
SELECT * EXCLUDE (pid) REPLACE (upper(region) AS region) FROM calls;;
SELECT a.call_id FROM calls a LEFT JOIN errors b ON a.call_id = b.call_id WHERE a.pid > (SELECT avg(pid) FROM calls);;
SELECT * FROM calls c, LATERAL (SELECT c.total_ms * 2 AS twice);;
SELECT a.call_id FROM calls a ASOF JOIN calls b ON a.started_at >= b.started_at;;
SELECT 1 UNION ALL BY NAME SELECT 2;;
SELECT DISTINCT ON (function_name) function_name, total_ms FROM calls ORDER BY function_name, total_ms DESC;;
SELECT * FROM (PIVOT calls ON outcome IN ('ok', 'refused') USING count(*) GROUP BY function_name);;
UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b;;
SELECT * FROM calls USING SAMPLE 10;;
SELECT now(), current_date, gen_random_uuid(), random(), md5('a'), regexp_extract('ab', '(a)', 1), TRY_CAST('a' AS INTEGER);;
SELECT day, cost_usd FROM cost_by_function_day;;
SELECT * FROM cold_starts, calls_today LIMIT 0

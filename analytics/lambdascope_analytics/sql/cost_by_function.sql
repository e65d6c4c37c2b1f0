-- Answers: what each Lambda function cost in a time window, and how much of that Lambda reported.
-- Parameters: $started_after (inclusive), $started_before (exclusive), both timestamps with time zone.
-- Columns: function_name, region, calls, failures, billed_ms, priced_calls, measured_share (of the calls, 0 to 1),
--          cost_usd (of the priced calls; NULL if none is priced). Dearest first.
SELECT
    function_name,
    region,
    count(*) AS calls,
    count(*) FILTER (WHERE outcome NOT IN ('ok', 'accepted', 'dry_run')) AS failures,
    sum(billed_ms) AS billed_ms,
    count(cost_usd) AS priced_calls,
    count(*) FILTER (WHERE cost_source IN ('measured', 'logs')) / CAST(count(*) AS DOUBLE) AS measured_share,
    sum(cost_usd) AS cost_usd
FROM calls
WHERE target = 'lambda'
    AND started_at >= $started_after
    AND started_at < $started_before
GROUP BY function_name, region
ORDER BY cost_usd DESC NULLS LAST, calls DESC, function_name, region;

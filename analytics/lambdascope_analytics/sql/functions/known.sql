-- Answers: which functions the history knows, for whoever asked about one that it does not, and when anything was called.
-- Parameters: $function_name, $region and $account_id (what was asked about; each NULL: every one), $top (how many).
-- Columns: function_name (NULL: calls of none, last), functions (how many have a name), last_at (the latest call of
--          all), asked_at (of those asked about; NULL: none). Most called first.
WITH counted AS (
    SELECT
        function_name,
        count(*) AS calls,
        max(started_at) AS last_at,
        max(
            CASE
                WHEN (CAST($function_name AS VARCHAR) IS NULL OR function_name = $function_name)
                    AND (CAST($region AS VARCHAR) IS NULL OR region = $region)
                    AND (CAST($account_id AS VARCHAR) IS NULL OR account_id = $account_id)
                    THEN started_at
            END
        ) AS asked_at
    FROM calls
    WHERE target <> 'cloudwatch'
    GROUP BY function_name
),
summed AS (
    SELECT
        function_name,
        calls,
        count(function_name) OVER () AS functions,
        max(last_at) OVER () AS last_at,
        max(asked_at) OVER () AS asked_at
    FROM counted
)
SELECT function_name, functions, last_at, asked_at
FROM summed
ORDER BY CASE WHEN function_name IS NULL THEN 1 ELSE 0 END, calls DESC, function_name
LIMIT $top;

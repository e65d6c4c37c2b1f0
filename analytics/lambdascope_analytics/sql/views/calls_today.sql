-- Answers: the calls since midnight UTC.
-- Parameters: none.
-- Columns: as calls.
CREATE VIEW calls_today AS
SELECT *
FROM calls
WHERE started_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';

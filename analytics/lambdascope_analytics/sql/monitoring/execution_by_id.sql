-- Answers: what the history knows of one execution.
-- Parameters: $id, a call id or an AWS request id.
-- Columns: as calls. Oldest first: attempts of an asynchronous call that were imported from the logs share a request id.
SELECT *
FROM calls
WHERE call_id = TRY_CAST($id AS UUID) OR request_id = $id
ORDER BY started_at, call_id;

-- Answers: the calls that waited for a new execution environment.
-- Parameters: none.
-- Columns: as calls.
CREATE VIEW cold_starts AS
SELECT *
FROM calls
WHERE cold_start;

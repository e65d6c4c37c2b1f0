-- Answers: the calls of a period, to one connection: its view stands before the one that reads every file.
-- Parameters: filled in, because DDL takes none: rows (a query for all that may be of them), $condition (which are).
-- Columns: those of the history row, in its order.
CREATE TEMP VIEW calls AS
SELECT *
FROM ($rows)
WHERE $condition;

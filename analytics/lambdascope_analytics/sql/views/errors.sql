-- Answers: the calls whose caller did not get what was asked for.
-- Parameters: none.
-- Columns: as calls.
CREATE VIEW errors AS
SELECT *
FROM calls
WHERE outcome NOT IN ('ok', 'accepted', 'dry_run');

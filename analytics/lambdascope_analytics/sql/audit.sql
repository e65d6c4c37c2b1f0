-- Answers: who called what, when, and how it ended.
-- Parameters: $since and $until, the time the calls began in ($until is not in it); $principal, $tool and $outcome, each
--             null for any; $limit, how many.
-- Columns: started_at, principal, client_name, session_id, transport, tool_name, target, function_name, qualifier, region,
--          account_id, invocation_type, outcome, error_type, request_id, trace_id, call_id. Newest first.
SELECT
    started_at,
    principal,
    client_name,
    session_id,
    transport,
    tool_name,
    target,
    function_name,
    qualifier,
    region,
    account_id,
    invocation_type,
    outcome,
    error_type,
    request_id,
    trace_id,
    call_id
FROM calls
WHERE started_at >= $since
    AND started_at < $until
    AND ($principal IS NULL OR principal = $principal)
    AND ($tool IS NULL OR tool_name = $tool)
    AND ($outcome IS NULL OR outcome = $outcome)
ORDER BY started_at DESC, call_id DESC
LIMIT $limit;

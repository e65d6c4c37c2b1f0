"""The history row: the columns of `calls`, their DuckDB types and what each one means."""

from typing import Final, NamedTuple


class Column(NamedTuple):
    """One column of the history: its name, DuckDB type and meaning (with unit)."""

    name: str
    type: str
    meaning: str


COLUMNS: Final[tuple[Column, ...]] = (
    Column("call_id", "UUID", "UUIDv7 of the call; sorts by time"),
    Column("started_at", "TIMESTAMPTZ", "when the request arrived, UTC"),
    Column("trace_id", "VARCHAR", "W3C trace id, 32 hex digits"),
    Column("span_id", "VARCHAR", "id of the span of what was sent, else of the request, 16 hex digits"),
    Column("session_id", "VARCHAR", "MCP session, where the protocol revision has one"),
    Column("client_name", "VARCHAR", "MCP client, as it names itself"),
    Column("client_version", "VARCHAR", "version of the MCP client"),
    Column("principal", "VARCHAR", "authenticated caller, where there is authentication"),
    Column("transport", "VARCHAR", "stdio, http or cli; backfill: taken in from the logs"),
    Column("protocol_version", "VARCHAR", "MCP revision spoken"),
    Column("tool_name", "VARCHAR", "MCP tool that was called"),
    Column("target", "VARCHAR", "lambda, cloudwatch, self or upstream:<name>"),
    Column("function_name", "VARCHAR", "Lambda function"),
    Column("qualifier", "VARCHAR", "alias or version asked for"),
    Column("executed_version", "VARCHAR", "version that ran"),
    Column("region", "VARCHAR", "AWS region of the function"),
    Column("account_id", "VARCHAR", "AWS account of the function"),
    Column("architecture", "VARCHAR", "x86_64 or arm64"),
    Column("runtime", "VARCHAR", "Lambda runtime, such as python3.13"),
    Column("invocation_type", "VARCHAR", "RequestResponse, Event or DryRun"),
    Column("outcome", "VARCHAR", "how the call ended: one of the outcome taxonomy"),
    Column("error_type", "VARCHAR", "the function's errorType, the AWS error code or the exception"),
    Column("error_message", "VARCHAR", "what went wrong, trimmed and scrubbed of secrets"),
    Column("error_fingerprint", "VARCHAR", "same value for the same kind of error"),
    Column("total_ms", "DOUBLE", "arrival to answer"),
    Column("invoke_ms", "DOUBLE", "Invoke request to response, all attempts"),
    Column("duration_ms", "DOUBLE", "handler time, from the REPORT line"),
    Column("billed_ms", "BIGINT", "billed time, from the REPORT line"),
    Column("init_ms", "DOUBLE", "cold start: init phase"),
    Column("restore_ms", "DOUBLE", "cold start: SnapStart restore"),
    Column("overhead_ms", "DOUBLE", "network and platform: invoke - init - restore - duration"),
    Column("proxy_ms", "DOUBLE", "time in this proxy: total - invoke"),
    Column("cold_start", "BOOLEAN", "whether the execution environment was new"),
    Column("memory_mb", "INTEGER", "configured memory"),
    Column("max_memory_mb", "INTEGER", "most memory used"),
    Column("request_bytes", "BIGINT", "size of the payload sent"),
    Column("response_bytes", "BIGINT", "size of the payload received"),
    Column("request_id", "VARCHAR", "AWS request id"),
    Column("xray_trace_id", "VARCHAR", "X-Ray trace id"),
    Column("attempts", "INTEGER", "Invoke requests sent"),
    Column("cost_usd", "DECIMAL(18,12)", "price of the call at list price"),
    Column("cost_source", "VARCHAR", "measured, logs, estimated, configured or none"),
    Column("rates_version", "VARCHAR", "rate table the price came from"),
    Column("host", "VARCHAR", "machine that made the call"),
    Column("pid", "INTEGER", "process that made the call"),
    Column("request_payload", "VARCHAR", "payload sent; only where LAMBDASCOPE_RECORD_PAYLOADS says so"),
    Column("response_payload", "VARCHAR", "payload received; only where LAMBDASCOPE_RECORD_PAYLOADS says so"),
    Column("schema_version", "INTEGER", "version of this table of columns the row was written with"),
)

# Raised by one with each change of the columns. 1 had no schema_version and no payloads.
SCHEMA_VERSION: Final = 2

COLUMN_NAMES: Final[tuple[str, ...]] = tuple(column.name for column in COLUMNS)

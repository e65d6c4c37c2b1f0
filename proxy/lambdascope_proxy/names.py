"""Names of the attributes of spans and metrics: OpenTelemetry's conventions first, ours under `lambdascope.`.

MCP and GenAI names follow open-telemetry/semantic-conventions-genai (status: development); faas, aws and cloud names
follow semantic conventions 1.44.0.
"""

from typing import Final

SCOPE: Final = "lambdascope"

MCP_METHOD: Final = "mcp.method.name"
MCP_PROTOCOL_VERSION: Final = "mcp.protocol.version"
MCP_SESSION_ID: Final = "mcp.session.id"
TOOL_NAME: Final = "gen_ai.tool.name"
OPERATION_NAME: Final = "gen_ai.operation.name"
JSONRPC_REQUEST_ID: Final = "jsonrpc.request.id"
RPC_STATUS_CODE: Final = "rpc.response.status_code"
NETWORK_TRANSPORT: Final = "network.transport"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
ERROR_TYPE: Final = "error.type"
CPU_MODE: Final = "cpu.mode"

RPC_SYSTEM: Final = "rpc.system.name"
RPC_METHOD: Final = "rpc.method"
CLOUD_REGION: Final = "cloud.region"
FAAS_NAME: Final = "faas.invoked_name"
FAAS_PROVIDER: Final = "faas.invoked_provider"
FAAS_REGION: Final = "faas.invoked_region"
AWS_REQUEST_ID: Final = "aws.request_id"

CALL_ID: Final = "lambdascope.call.id"
OUTCOME: Final = "lambdascope.outcome"
TARGET: Final = "lambdascope.target"
CLIENT_NAME: Final = "lambdascope.client.name"
COLD_START: Final = "lambdascope.cold_start"
COST_SOURCE: Final = "lambdascope.cost_source"
RETRY_EVENT: Final = "lambdascope.lambda.throttled"
ATTEMPT: Final = "lambdascope.lambda.attempt"
PAUSE_S: Final = "lambdascope.lambda.pause_s"
CALL_RETRY_EVENT: Final = "lambdascope.retry"
RETRY_ATTEMPT: Final = "lambdascope.retry.attempt"
RETRY_PAUSE_S: Final = "lambdascope.retry.pause_s"
REASON: Final = "lambdascope.reason"
RESULT: Final = "lambdascope.result"
METRIC: Final = "lambdascope.metric"
APPROVAL: Final = "lambdascope.approval"
APPROVAL_WAITED: Final = "lambdascope.approval.waited_ms"
BUDGET: Final = "lambdascope.budget"
RECONCILE_CALLS: Final = "lambdascope.reconcile.calls"
RECONCILE_COMPLETED: Final = "lambdascope.reconcile.completed"
RECONCILE_OUTCOMES: Final = "lambdascope.reconcile.outcomes"
SIGNAL: Final = "lambdascope.signal"

# Column of the history -> attribute of the CLIENT span of a call of another MCP server's tool.
UPSTREAM_ATTRIBUTES: Final = {
    "call_id": CALL_ID,
    "outcome": OUTCOME,
    "target": TARGET,
    "attempts": "lambdascope.attempts",
    "cost_usd": "lambdascope.cost_usd",
    "cost_source": COST_SOURCE,
    "request_bytes": "lambdascope.request_bytes",
    "response_bytes": "lambdascope.response_bytes",
}
# Column of the history -> attribute of the CLIENT span of an Invoke.
INVOCATION_ATTRIBUTES: Final = {
    "call_id": CALL_ID,
    "outcome": OUTCOME,
    "function_name": FAAS_NAME,
    "region": FAAS_REGION,
    "request_id": AWS_REQUEST_ID,
    "account_id": "cloud.account.id",
    "architecture": "lambdascope.lambda.architecture",
    "runtime": "lambdascope.lambda.runtime",
    "qualifier": "lambdascope.lambda.qualifier",
    "executed_version": "lambdascope.lambda.executed_version",
    "invocation_type": "lambdascope.lambda.invocation_type",
    "invoke_ms": "lambdascope.lambda.invoke_ms",
    "duration_ms": "lambdascope.lambda.duration_ms",
    "billed_ms": "lambdascope.lambda.billed_ms",
    "init_ms": "lambdascope.lambda.init_ms",
    "restore_ms": "lambdascope.lambda.restore_ms",
    "overhead_ms": "lambdascope.lambda.overhead_ms",
    "cold_start": "lambdascope.lambda.cold_start",
    "memory_mb": "lambdascope.lambda.memory_mb",
    "max_memory_mb": "lambdascope.lambda.max_memory_mb",
    "request_bytes": "lambdascope.lambda.request_bytes",
    "response_bytes": "lambdascope.lambda.response_bytes",
    "attempts": "lambdascope.lambda.attempts",
    "xray_trace_id": "aws.xray.trace_id",
    "cost_usd": "lambdascope.cost_usd",
    "cost_source": COST_SOURCE,
    "rates_version": "lambdascope.rates_version",
}

"""Every metric that lambdascope emits, declared once: docs, dashboards and alerts may use no other.

The `mcp.*` ones are OpenTelemetry's (open-telemetry/semantic-conventions-genai, status: development) with its bounds.
The `process.*` ones are OpenTelemetry's too (semantic conventions 1.44.0, status: development).
Lambda's caller has no conventions of its own (`faas.*` metrics are the function's), so the rest is `lambdascope.*`.
"""

from typing import Final

from lambdascope_proxy import names
from lambdascope_proxy.telemetry.metric import Metric

FUNCTION: Final = (names.FAAS_NAME, names.FAAS_REGION)
# What is paid for and how calls end is told by client as well, as counters: one series each. A histogram has twenty, so
# those of functions are not; nor are cold starts and throttles, which come of all clients at once.
MCP_BOUNDS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
# A function may run for 15 minutes, a warm one for a few milliseconds.
LAMBDA_BOUNDS: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0),
    *(600.0, 900.0),
)
SHORT_BOUNDS: Final = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
# Tools that read the history or CloudWatch take seconds, all of them in this proxy.
PROXY_BOUNDS: Final = (*SHORT_BOUNDS, 2.5, 5.0, 10.0, 30.0, 60.0)
SHARE_BOUNDS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)

SERVER_DURATION: Final = Metric(
    name="mcp.server.operation.duration",
    kind="histogram",
    unit="s",
    description="MCP requests and notifications as this server handled them.",
    attributes=(
        names.MCP_METHOD,
        names.TOOL_NAME,
        names.OPERATION_NAME,
        names.ERROR_TYPE,
        names.RPC_STATUS_CODE,
        names.MCP_PROTOCOL_VERSION,
        names.NETWORK_TRANSPORT,
    ),
    bounds=MCP_BOUNDS,
)
SESSION_DURATION: Final = Metric(
    name="mcp.server.session.duration",
    kind="histogram",
    unit="s",
    description="How long clients stayed connected over stdio; HTTP has no sessions in the newest revision.",
    attributes=(names.ERROR_TYPE, names.MCP_PROTOCOL_VERSION, names.NETWORK_TRANSPORT),
    bounds=MCP_BOUNDS,
)
CALLS: Final = Metric(
    name="lambdascope.calls",
    kind="counter",
    unit="{call}",
    description="Tool calls by how they ended, refused ones too.",
    attributes=(names.TOOL_NAME, names.TARGET, names.OUTCOME, names.CLIENT_NAME, *FUNCTION),
)
CALLS_COMPLETED: Final = Metric(
    name="lambdascope.calls.completed",
    kind="counter",
    unit="{call}",
    description="Asynchronous calls by how they ended, once the logs told; `lambdascope.calls` has them as `accepted`.",
    attributes=(names.OUTCOME, names.CLIENT_NAME, *FUNCTION),
)
CALLS_IN_FLIGHT: Final = Metric(
    name="lambdascope.calls.in_flight",
    kind="gauge",
    unit="{call}",
    description="Tool calls that have begun and not ended.",
    attributes=(names.TARGET,),
)
CALLS_WAITING: Final = Metric(
    name="lambdascope.calls.waiting",
    kind="gauge",
    unit="{call}",
    description="Calls that wait for one of the places of LAMBDASCOPE_CONCURRENT_PRINCIPAL or _TOOL.",
    attributes=(names.REASON,),
)
REFUSALS: Final = Metric(
    name="lambdascope.refusals",
    kind="counter",
    unit="{call}",
    description="Calls that a guardrail refused, by which.",
    attributes=(names.ERROR_TYPE, names.TOOL_NAME, names.TARGET),
)
RETRIES: Final = Metric(
    name="lambdascope.retries",
    kind="counter",
    unit="{attempt}",
    description="Further attempts by LAMBDASCOPE_RETRY_ATTEMPTS, by what the one before ended with.",
    attributes=(names.TOOL_NAME, names.TARGET, names.ERROR_TYPE),
)
BREAKER_STATE: Final = Metric(
    name="lambdascope.breaker.state",
    kind="gauge",
    unit="1",
    description="0 closed, 1 half open (one call at a time is tried), 2 open; of the functions and upstreams whose "
    "breaker ever opened.",
    attributes=(names.TARGET, *FUNCTION),
)
CACHE_LOOKUPS: Final = Metric(
    name="lambdascope.cache.lookups",
    kind="counter",
    unit="{call}",
    description="Calls whose result may be kept: hit, miss, or shared with a call that asked the same at the time.",
    attributes=(names.TOOL_NAME, names.TARGET, names.RESULT),
)
CACHE_SIZE: Final = Metric(
    name="lambdascope.cache.size",
    kind="gauge",
    unit="By",
    description="Kept results; at most LAMBDASCOPE_CACHE_MB.",
)
COST: Final = Metric(
    name="lambdascope.cost",
    kind="counter",
    unit="{USD}",
    description="List price of the Lambda executions, and the price you set for tools of other servers "
    "(`configured`); of asynchronous ones, with the outcome `accepted`, once the logs told what was billed.",
    attributes=(names.TOOL_NAME, names.OUTCOME, names.CLIENT_NAME, names.COST_SOURCE, *FUNCTION),
)
UNPRICED: Final = Metric(
    name="lambdascope.calls.unpriced",
    kind="counter",
    unit="{call}",
    description="Executions, also those that only may have run, without a price in dollars: `lambdascope.cost` lacks "
    "them. Asynchronous calls are priced from the logs later and count only if they have no price then.",
    attributes=(names.CLIENT_NAME, *FUNCTION),
)
INIT_COST: Final = Metric(
    name="lambdascope.lambda.init.cost",
    kind="counter",
    unit="{USD}",
    description="The part of the cost that paid for initialising environments.",
    attributes=(names.CLIENT_NAME, *FUNCTION),
)
UNUSED_MEMORY_COST: Final = Metric(
    name="lambdascope.lambda.unused_memory.cost",
    kind="counter",
    unit="{USD}",
    description="The part of the cost that paid for memory above the most the execution used.",
    attributes=(names.CLIENT_NAME, *FUNCTION),
)
INVOKE_DURATION: Final = Metric(
    name="lambdascope.lambda.invoke.duration",
    kind="histogram",
    unit="s",
    description="Invoke as the caller saw it: from the first attempt until the answer was read.",
    attributes=(*FUNCTION, names.OUTCOME, names.COLD_START),
    bounds=LAMBDA_BOUNDS,
)
HANDLER_DURATION: Final = Metric(
    name="lambdascope.lambda.handler.duration",
    kind="histogram",
    unit="s",
    description="Duration of the REPORT line: the time the function's own code ran.",
    attributes=(*FUNCTION, names.COLD_START),
    bounds=LAMBDA_BOUNDS,
)
INIT_DURATION: Final = Metric(
    name="lambdascope.lambda.init.duration",
    kind="histogram",
    unit="s",
    description="Init Duration (or Restore Duration) of the REPORT line, of cold starts.",
    attributes=FUNCTION,
    bounds=LAMBDA_BOUNDS,
)
PLATFORM_DURATION: Final = Metric(
    name="lambdascope.lambda.platform.duration",
    kind="histogram",
    unit="s",
    description="Invoke minus init minus handler: the network and Lambda itself. Only of calls that were never "
    "throttled: others hold our own pauses.",
    attributes=FUNCTION,
    bounds=SHORT_BOUNDS,
)
PROXY_DURATION: Final = Metric(
    name="lambdascope.proxy.duration",
    kind="histogram",
    unit="s",
    description="Time a call spent in this proxy: all of it but the invoke.",
    attributes=(names.TOOL_NAME, names.TARGET, *FUNCTION),
    bounds=PROXY_BOUNDS,
)
MEMORY_UTILIZATION: Final = Metric(
    name="lambdascope.lambda.memory.utilization",
    kind="histogram",
    unit="1",
    description="Most memory used, as a share of the memory size.",
    attributes=FUNCTION,
    bounds=SHARE_BOUNDS,
)
BILLED_DURATION: Final = Metric(
    name="lambdascope.lambda.billed.duration",
    kind="counter",
    unit="s",
    description="Billed Duration of the REPORT line.",
    attributes=(names.CLIENT_NAME, *FUNCTION),
)
COLD_STARTS: Final = Metric(
    name="lambdascope.lambda.cold_starts",
    kind="counter",
    unit="{cold_start}",
    description="Executions that had to initialise or restore an environment first.",
    attributes=FUNCTION,
)
THROTTLES: Final = Metric(
    name="lambdascope.lambda.throttles",
    kind="counter",
    unit="{throttle}",
    description="Attempts that Lambda throttled, those that a retry made good too.",
    attributes=FUNCTION,
)
ROWS: Final = Metric(
    name="lambdascope.history.rows", kind="counter", unit="{row}", description="Rows handed to the history."
)
ROWS_DROPPED: Final = Metric(
    name="lambdascope.history.rows.dropped",
    kind="counter",
    unit="{row}",
    description="Rows that the history lost, by reason.",
    attributes=(names.REASON,),
)
QUEUE_LENGTH: Final = Metric(
    name="lambdascope.history.queue.length",
    kind="gauge",
    unit="{row}",
    description="Rows that wait to be written.",
)
QUEUE_LIMIT: Final = Metric(
    name="lambdascope.history.queue.limit",
    kind="gauge",
    unit="{row}",
    description="Rows that may wait before further ones are dropped.",
)
SPOOL_SIZE: Final = Metric(
    name="lambdascope.history.spool.size",
    kind="gauge",
    unit="By",
    description="Spool files that await compaction, of all processes that write this history.",
)
COMPACTIONS: Final = Metric(
    name="lambdascope.history.compactions",
    kind="counter",
    unit="{compaction}",
    description="Compactions this process started, by how they ended.",
    attributes=(names.RESULT,),
)
COMPACTION_DURATION: Final = Metric(
    name="lambdascope.history.compaction.duration",
    kind="histogram",
    unit="s",
    description="How long compactions took.",
    bounds=MCP_BOUNDS,
)
MONITORING_COST: Final = Metric(
    name="lambdascope.monitoring.cost",
    kind="counter",
    unit="{USD}",
    description="Estimated price of what was asked of CloudWatch, by the tools and in the background.",
    attributes=(names.TOOL_NAME, names.CLOUD_REGION),
)
BUDGET_SPENT: Final = Metric(
    name="lambdascope.budget.spent",
    kind="gauge",
    unit="{USD}",
    description="Spent of each budget in dollars; of sessions and principals the one that spent most.",
    attributes=(names.BUDGET,),
)
BUDGET_LEFT: Final = Metric(
    name="lambdascope.budget.left",
    kind="gauge",
    unit="{USD}",
    description="Left of each budget in dollars; of sessions and principals the one that spent most.",
    attributes=(names.BUDGET,),
)
BUDGET_TIME_SPENT: Final = Metric(
    name="lambdascope.budget.time.spent",
    kind="gauge",
    unit="s",
    description="Spent of each budget of time in calls; of sessions and principals the one that spent most.",
    attributes=(names.BUDGET,),
)
BUDGET_TIME_LEFT: Final = Metric(
    name="lambdascope.budget.time.left",
    kind="gauge",
    unit="s",
    description="Left of each budget of time in calls; of sessions and principals the one that spent most.",
    attributes=(names.BUDGET,),
)
BUDGET_WARNINGS: Final = Metric(
    name="lambdascope.budget.warnings",
    kind="counter",
    unit="{warning}",
    description="Budgets that came near their end, or were spent: once for each session, principal, day or month.",
    attributes=(names.BUDGET, names.RESULT),
)
APPROVALS: Final = Metric(
    name="lambdascope.approvals",
    kind="counter",
    unit="{approval}",
    description="Calls that needed a person's approval, by what came of asking.",
    attributes=(names.TOOL_NAME, names.RESULT),
)
TOOL_CHANGES: Final = Metric(
    name="lambdascope.upstream.tool.changes",
    kind="counter",
    unit="{change}",
    description="Tools of other servers that were not as accepted: changed, or new. Each definition counts once.",
    attributes=(names.TARGET, names.RESULT),
)
TOOLS_UNACCEPTED: Final = Metric(
    name="lambdascope.upstream.tools.unaccepted",
    kind="gauge",
    unit="{tool}",
    description="Tools of other servers that are not as accepted now, and held if LAMBDASCOPE_PIN_TOOLS says so.",
    attributes=(names.TARGET,),
)
EVENT_LOOP_DELAY: Final = Metric(
    name="lambdascope.event_loop.delay",
    kind="histogram",
    unit="s",
    description="How late a timer of the event loop fires: time in which every call waited.",
    bounds=SHORT_BOUNDS,
)
PROCESS_CPU_TIME: Final = Metric(
    name="process.cpu.time",
    kind="counter",
    unit="s",
    description="CPU time of this process, without those it starts for questions and compaction.",
    attributes=(names.CPU_MODE,),
)
PROCESS_MEMORY_USAGE: Final = Metric(
    name="process.memory.usage",
    kind="updowncounter",
    unit="By",
    description="Memory of this process that is resident; on Linux only.",
)
CLIENT_DURATION: Final = Metric(
    name="mcp.client.operation.duration",
    kind="histogram",
    unit="s",
    description="Requests to other MCP servers, from the request to its answer.",
    attributes=(
        names.MCP_METHOD,
        names.TOOL_NAME,
        names.OPERATION_NAME,
        names.ERROR_TYPE,
        names.RPC_STATUS_CODE,
        names.MCP_PROTOCOL_VERSION,
        names.NETWORK_TRANSPORT,
        names.TARGET,
    ),
    bounds=MCP_BOUNDS,
)
CLIENT_SESSION_DURATION: Final = Metric(
    name="mcp.client.session.duration",
    kind="histogram",
    unit="s",
    description="How long sessions with other MCP servers held.",
    attributes=(names.ERROR_TYPE, names.MCP_PROTOCOL_VERSION, names.NETWORK_TRANSPORT, names.TARGET),
    bounds=MCP_BOUNDS,
)
UPSTREAM_OPEN: Final = Metric(
    name="lambdascope.upstream.open",
    kind="gauge",
    unit="1",
    description="Whether the session with an upstream is open: 1, else 0.",
    attributes=(names.TARGET,),
)
UPSTREAM_CONNECTS: Final = Metric(
    name="lambdascope.upstream.connects",
    kind="counter",
    unit="{attempt}",
    description="Attempts to open a session with an upstream, the first and those after a loss: opened or failed.",
    attributes=(names.TARGET, names.RESULT),
)
OVERFLOW: Final = Metric(
    name="lambdascope.metrics.overflow",
    kind="counter",
    unit="{measurement}",
    description="Values recorded without their attributes, because the metric has LAMBDASCOPE_METRICS_SERIES series "
    "(`series_limit`), or without the client's name, because 100 others came first (`client_limit`).",
    attributes=(names.METRIC, names.REASON),
)
LOST: Final = Metric(
    name="lambdascope.telemetry.lost",
    kind="counter",
    unit="{item}",
    description="Spans and log lines that could not be exported.",
    attributes=(names.SIGNAL, names.REASON),
)
METRICS: Final = tuple(value for value in tuple(globals().values()) if isinstance(value, Metric))

"""The first look: how many calls, how many fail, how long they take; by tool, function and client."""

from typing import Final

from lambdascope_dashboards.panel import COUNT, Board, Panel, Query, Row
from lambdascope_dashboards.promql import FAILED, RANGE, growth, quantile, rate, share, where
from lambdascope_proxy import names
from lambdascope_proxy.telemetry import metric_table as m

TOOL: Final = (names.TOOL_NAME,)
FUNCTION: Final = (names.FAAS_NAME,)
CLIENT: Final = (names.CLIENT_NAME,)
OF_TOOLS: Final = (where(names.MCP_METHOD, "=", "tools/call"),)
OF_FUNCTIONS: Final = (where(names.FAAS_NAME, "!=", ""),)

IN_SHORT: Final = Row(
    title="In this time range",
    panels=(
        Panel(
            title="Calls",
            description="Tool calls, those that were refused too.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=growth(m.CALLS), legend="calls"),),
        ),
        Panel(
            title="Failed calls",
            description="Share of calls whose caller did not get what was asked for: every outcome but ok, accepted "
            "and dry_run. What the caller did wrong (refused, invalid_arguments) counts too; see the outcomes below.",
            unit="percentunit",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=share(growth(m.CALLS, only=[FAILED]), growth(m.CALLS)), legend="failed"),),
        ),
        Panel(
            title="Duration of tool calls, p95",
            description="95 of 100 tools/call requests were answered within this time, as this server saw them.",
            unit="s",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=quantile(0.95, m.SERVER_DURATION, only=OF_TOOLS, over=RANGE), legend="p95"),),
        ),
        Panel(
            title="Spend an hour",
            description="List price of the Lambda executions, and the price you set for tools of other servers, for an "
            "hour at the pace of the time range.",
            unit="currencyUSD",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=f"{rate(m.COST, over=RANGE)} * 3600", legend="an hour"),),
        ),
        Panel(
            title="Cold starts",
            description="Share of executions that had to initialise or restore an environment first, of those that "
            "Lambda reported on.",
            unit="percentunit",
            kind="stat",
            width=4,
            height=4,
            queries=(
                Query(expr=share(growth(m.COLD_STARTS), growth(m.HANDLER_DURATION, part="count")), legend="cold"),
            ),
        ),
        Panel(
            title="Clients",
            description="MCP clients that called in the time range, by the name they give themselves.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=f"count({growth(m.CALLS, CLIENT)} > 0)", legend="clients"),),
        ),
    ),
)
TOOLS: Final = Row(
    title="Tools",
    panels=(
        Panel(
            title="Calls by tool",
            description="How often each tool is called.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.CALLS, TOOL), legend="{{gen_ai_tool_name}}"),),
        ),
        Panel(
            title="Failures by tool",
            description="Share of each tool's calls that failed.",
            unit="percentunit",
            width=8,
            queries=(
                Query(
                    expr=share(rate(m.CALLS, TOOL, only=[FAILED]), rate(m.CALLS, TOOL)), legend="{{gen_ai_tool_name}}"
                ),
            ),
        ),
        Panel(
            title="Duration by tool, p95",
            description="95 of 100 calls of a tool took no longer. Dots are single calls: each leads to its trace.",
            unit="s",
            width=8,
            queries=(
                Query(
                    expr=quantile(0.95, m.SERVER_DURATION, TOOL, only=OF_TOOLS),
                    legend="{{gen_ai_tool_name}}",
                    has_exemplars=True,
                ),
            ),
        ),
    ),
)
FUNCTIONS: Final = Row(
    title="Functions",
    panels=(
        Panel(
            title="Calls by function",
            description="How often each Lambda function is called.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.CALLS, FUNCTION, only=OF_FUNCTIONS), legend="{{faas_invoked_name}}"),),
        ),
        Panel(
            title="Failures by function",
            description="Share of each function's calls that failed: in the function, in Lambda or on the way.",
            unit="percentunit",
            width=8,
            queries=(
                Query(
                    expr=share(
                        rate(m.CALLS, FUNCTION, only=[*OF_FUNCTIONS, FAILED]),
                        rate(m.CALLS, FUNCTION, only=OF_FUNCTIONS),
                    ),
                    legend="{{faas_invoked_name}}",
                ),
            ),
        ),
        Panel(
            title="Invoke by function, p95",
            description="95 of 100 invokes of a function took no longer, from the first attempt until the answer was "
            "read. Dots are single calls: each leads to its trace.",
            unit="s",
            width=8,
            queries=(
                Query(
                    expr=quantile(0.95, m.INVOKE_DURATION, FUNCTION), legend="{{faas_invoked_name}}", has_exemplars=True
                ),
            ),
        ),
        Panel(
            title="Functions in figures",
            description="Each function within the time range. A function's name leads to its latency and its health.",
            unit="short",
            kind="table",
            width=24,
            queries=(
                Query(expr=growth(m.CALLS, m.FUNCTION, only=OF_FUNCTIONS), legend="calls", unit=COUNT),
                Query(
                    expr=share(
                        growth(m.CALLS, m.FUNCTION, only=[*OF_FUNCTIONS, FAILED]),
                        growth(m.CALLS, m.FUNCTION, only=OF_FUNCTIONS),
                    ),
                    legend="failed",
                    unit="percentunit",
                ),
                Query(expr=quantile(0.5, m.INVOKE_DURATION, m.FUNCTION, over=RANGE), legend="p50", unit="s"),
                Query(expr=quantile(0.99, m.INVOKE_DURATION, m.FUNCTION, over=RANGE), legend="p99", unit="s"),
                Query(expr=growth(m.COLD_STARTS, m.FUNCTION), legend="cold starts", unit=COUNT),
                Query(expr=growth(m.COST, m.FUNCTION), legend="cost", unit="currencyUSD"),
            ),
        ),
    ),
)
CLIENTS: Final = Row(
    title="Agents and clients",
    panels=(
        Panel(
            title="Calls by client",
            description="How often each MCP client calls tools.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.CALLS, CLIENT), legend="{{lambdascope_client_name}}"),),
        ),
        Panel(
            title="Failures by client",
            description="Share of each client's calls that failed. One client alone points at what it asks.",
            unit="percentunit",
            width=8,
            queries=(
                Query(
                    expr=share(rate(m.CALLS, CLIENT, only=[FAILED]), rate(m.CALLS, CLIENT)),
                    legend="{{lambdascope_client_name}}",
                ),
            ),
        ),
        Panel(
            title="MCP requests by method",
            description="Every request and notification of the protocol, not only calls of tools.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(
                Query(expr=rate(m.SERVER_DURATION, [names.MCP_METHOD], part="count"), legend="{{mcp_method_name}}"),
            ),
        ),
        Panel(
            title="MCP requests by revision and transport",
            description="Which revisions of the protocol are spoken, and how clients are connected.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(
                Query(
                    expr=rate(m.SERVER_DURATION, [names.MCP_PROTOCOL_VERSION, names.NETWORK_TRANSPORT], part="count"),
                    legend="{{mcp_protocol_version}} {{network_transport}}",
                ),
            ),
        ),
        Panel(
            title="MCP errors",
            description="Requests that failed, by error.type: tool_error is a call that ended badly, a number a "
            "JSON-RPC error of ours. Faults of the caller have a status code and no error.type.",
            unit="reqps",
            width=8,
            queries=(
                Query(
                    expr=rate(
                        m.SERVER_DURATION,
                        [names.ERROR_TYPE, names.RPC_STATUS_CODE],
                        part="count",
                        only=[where(names.ERROR_TYPE, "!=", "")],
                    ),
                    legend="{{error_type}} {{rpc_response_status_code}}",
                ),
                Query(
                    expr=rate(
                        m.SERVER_DURATION,
                        [names.RPC_STATUS_CODE],
                        part="count",
                        only=[where(names.ERROR_TYPE, "=", ""), where(names.RPC_STATUS_CODE, "!=", "")],
                    ),
                    legend="{{rpc_response_status_code}} (caller)",
                ),
            ),
        ),
        Panel(
            title="Sessions ended",
            description="MCP sessions that ended, where the protocol revision has sessions.",
            unit=COUNT,
            width=4,
            height=8,
            kind="stat",
            queries=(Query(expr=growth(m.SESSION_DURATION, part="count"), legend="sessions"),),
        ),
        Panel(
            title="Length of sessions, p50",
            description="Half of the MCP sessions that ended were shorter.",
            unit="s",
            width=4,
            height=8,
            kind="stat",
            queries=(Query(expr=quantile(0.5, m.SESSION_DURATION, over=RANGE), legend="p50"),),
        ),
    ),
)
OUTCOMES: Final = Row(
    title="Outcomes",
    panels=(
        Panel(
            title="Outcomes of calls",
            description="How calls end, as shares of all.",
            unit="short",
            stacking="percent",
            queries=(Query(expr=rate(m.CALLS, [names.OUTCOME]), legend="{{lambdascope_outcome}}"),),
        ),
        Panel(
            title="Calls by target",
            description="Where calls go: Lambda, CloudWatch, another MCP server, or this one's own answers.",
            unit="reqps",
            stacking="normal",
            queries=(Query(expr=rate(m.CALLS, [names.TARGET]), legend="{{lambdascope_target}}"),),
        ),
        Panel(
            title="Late outcomes of asynchronous calls",
            description="How asynchronous calls ended, once the logs told: above they are accepted, whatever became of "
            "them. The server asks in the background.",
            unit="reqps",
            stacking="normal",
            queries=(Query(expr=rate(m.CALLS_COMPLETED, [names.OUTCOME]), legend="{{lambdascope_outcome}}"),),
        ),
    ),
)
OVERVIEW: Final = Board(
    uid="lambdascope-overview",
    title="lambdascope / Overview",
    description="Calls, failures and durations by tool, function and client.",
    rows=(IN_SHORT, TOOLS, FUNCTIONS, CLIENTS, OUTCOMES),
)

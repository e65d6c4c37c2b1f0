"""Other MCP servers behind this one: how often each is called, fails and how long it takes; sessions; time added."""

from typing import Final

from lambdascope_dashboards.panel import COUNT, Board, Panel, Query, Row, State, Traces
from lambdascope_dashboards.promql import (
    FAILED,
    RANGE,
    growth,
    mean,
    most,
    or_zero,
    quantile,
    rate,
    share,
    total,
    where,
)
from lambdascope_proxy import names
from lambdascope_proxy.telemetry import metric_table as m

TARGET: Final = (names.TARGET,)
TOOL: Final = (names.TARGET, names.TOOL_NAME)
BY_TARGET: Final = "{{lambdascope_target}}"
BY_TOOL: Final = "{{lambdascope_target}}: {{gen_ai_tool_name}}"
OF_UPSTREAMS: Final = (where(names.TARGET, "=~", "upstream:.*"),)
OF_TOOLS: Final = (where(names.MCP_METHOD, "=", "tools/call"),)
NOT_OF_TOOLS: Final = (where(names.MCP_METHOD, "!=", "tools/call"),)
PRICED: Final = (where(names.COST_SOURCE, "=", "configured"),)
WITH_ERROR: Final = (where(names.ERROR_TYPE, "!=", ""),)
NOT_OPENED: Final = (where(names.RESULT, "=", "failed"),)
STATES: Final = (State(value=0, text="none", colour="red"), State(value=1, text="open", colour="green"))
DOTS: Final = "Dots are single calls: each leads to its trace."
SPANS: Final = f'kind = client && span.{names.TARGET} =~ "upstream:.*"'

IN_SHORT: Final = Row(
    title="In this time range",
    panels=(
        Panel(
            title="Calls of upstreams",
            description="Calls of other servers' tools, those that never left for them too.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=growth(m.CALLS, only=OF_UPSTREAMS), legend="calls"),),
        ),
        Panel(
            title="Failed calls of upstreams",
            description="Share of these calls whose caller did not get what was asked for, whoever was at fault.",
            unit="percentunit",
            kind="stat",
            width=4,
            height=4,
            queries=(
                Query(
                    expr=share(growth(m.CALLS, only=[*OF_UPSTREAMS, FAILED]), growth(m.CALLS, only=OF_UPSTREAMS)),
                    legend="failed",
                ),
            ),
        ),
        Panel(
            title="Answers of upstreams, p95",
            description="95 of 100 tools/call requests were answered by the other server within this time.",
            unit="s",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=quantile(0.95, m.CLIENT_DURATION, only=OF_TOOLS, over=RANGE), legend="p95"),),
        ),
        Panel(
            title="Added by the proxy, p95",
            description="What lambdascope itself adds to 95 of 100 calls of other servers' tools, at most.",
            unit="s",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=quantile(0.95, m.PROXY_DURATION, only=OF_UPSTREAMS, over=RANGE), legend="p95"),),
        ),
        Panel(
            title="Sessions open now",
            description="Sessions with other servers, of all proxies: one per proxy and upstream, opened when first "
            "needed.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=total(m.UPSTREAM_OPEN), legend="open"),),
        ),
        Panel(
            title="Sessions that could not be opened",
            description="Attempts that failed: the other server did not start, was not there or spoke nonsense. Its "
            "calls fail meanwhile.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(
                Query(
                    expr=or_zero(growth(m.UPSTREAM_CONNECTS, only=NOT_OPENED), growth(m.UPSTREAM_CONNECTS)),
                    legend="failed",
                ),
            ),
        ),
    ),
)
BY_UPSTREAM: Final = Row(
    title="Upstreams",
    panels=(
        Panel(
            title="Calls by upstream",
            description="How often tools of each other server are called.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.CALLS, TARGET, only=OF_UPSTREAMS), legend=BY_TARGET),),
        ),
        Panel(
            title="Failures by upstream",
            description="Share of each other server's calls that failed: in its tool, on the way, or refused here.",
            unit="percentunit",
            width=8,
            queries=(
                Query(
                    expr=share(
                        rate(m.CALLS, TARGET, only=[*OF_UPSTREAMS, FAILED]), rate(m.CALLS, TARGET, only=OF_UPSTREAMS)
                    ),
                    legend=BY_TARGET,
                ),
            ),
        ),
        Panel(
            title="Answers by upstream, p95",
            description=f"95 of 100 tools/call requests were answered by the other server within this time. {DOTS}",
            unit="s",
            width=8,
            queries=(
                Query(
                    expr=quantile(0.95, m.CLIENT_DURATION, TARGET, only=OF_TOOLS),
                    legend=BY_TARGET,
                    has_exemplars=True,
                ),
            ),
        ),
        Panel(
            title="Outcomes by upstream",
            description="How calls of each other server's tools end, besides ok: tool_error is what its tool said, "
            "transport_error that no answer came.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(
                Query(
                    expr=rate(m.CALLS, [names.TARGET, names.OUTCOME], only=[*OF_UPSTREAMS, FAILED]),
                    legend="{{lambdascope_target}}: {{lambdascope_outcome}}",
                ),
            ),
        ),
        Panel(
            title="Errors of requests to upstreams",
            description="Requests without a good answer, by error.type: a number is a JSON-RPC error of the other "
            "server, a name what happened on the way.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(
                Query(
                    expr=rate(m.CLIENT_DURATION, [*TARGET, names.ERROR_TYPE], part="count", only=WITH_ERROR),
                    legend="{{lambdascope_target}}: {{error_type}}",
                ),
            ),
        ),
        Panel(
            title="Other requests to upstreams, by method",
            description="What is asked of other servers besides calls of tools: lists, resources, prompts, pings.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(
                Query(
                    expr=rate(m.CLIENT_DURATION, [names.MCP_METHOD], part="count", only=NOT_OF_TOOLS),
                    legend="{{mcp_method_name}}",
                ),
            ),
        ),
    ),
)
TOOLS: Final = Row(
    title="Tools of upstreams",
    panels=(
        Panel(
            title="Requests by upstream tool",
            description="How often each tool is asked of its server, under its name there.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.CLIENT_DURATION, TOOL, part="count", only=OF_TOOLS), legend=BY_TOOL),),
        ),
        Panel(
            title="Failures by upstream tool",
            description="Share of each tool's calls that failed, under the name that clients know.",
            unit="percentunit",
            width=8,
            queries=(
                Query(
                    expr=share(
                        rate(m.CALLS, TOOL, only=[*OF_UPSTREAMS, FAILED]), rate(m.CALLS, TOOL, only=OF_UPSTREAMS)
                    ),
                    legend=BY_TOOL,
                ),
            ),
        ),
        Panel(
            title="Answers by upstream tool, p95",
            description=f"95 of 100 calls of a tool were answered by its server within this time. {DOTS}",
            unit="s",
            width=8,
            queries=(
                Query(expr=quantile(0.95, m.CLIENT_DURATION, TOOL, only=OF_TOOLS), legend=BY_TOOL, has_exemplars=True),
            ),
        ),
        Panel(
            title="Cost an hour by upstream tool",
            description="What tools of other servers cost in an hour at the pace of the moment, at the price you set. "
            "Nothing of those without a price.",
            unit="currencyUSD",
            width=8,
            stacking="normal",
            queries=(
                Query(expr=f"{rate(m.COST, [names.TOOL_NAME], only=PRICED)} * 3600", legend="{{gen_ai_tool_name}}"),
            ),
        ),
        Panel(
            title="Tools of upstreams in figures",
            description="Each tool of another server within the time range, as that server answered.",
            unit="short",
            kind="table",
            width=16,
            queries=(
                Query(expr=growth(m.CLIENT_DURATION, TOOL, part="count", only=OF_TOOLS), legend="requests", unit=COUNT),
                Query(expr=quantile(0.5, m.CLIENT_DURATION, TOOL, only=OF_TOOLS, over=RANGE), legend="p50", unit="s"),
                Query(expr=quantile(0.99, m.CLIENT_DURATION, TOOL, only=OF_TOOLS, over=RANGE), legend="p99", unit="s"),
                Query(
                    expr=growth(m.CLIENT_DURATION, TOOL, part="count", only=[*OF_TOOLS, *WITH_ERROR]),
                    legend="without a good answer",
                    unit=COUNT,
                ),
            ),
        ),
    ),
)
CLOCKS: Final = Row(
    title="Where the time goes",
    panels=(
        Panel(
            title="Clocks of an upstream call",
            description="Mean time of a call, stacked: until the other server answered, and in this proxy.",
            unit="s",
            stacking="normal",
            queries=(
                Query(expr=mean(m.CLIENT_DURATION, only=OF_TOOLS), legend="other server"),
                Query(expr=mean(m.PROXY_DURATION, only=OF_UPSTREAMS), legend="proxy"),
            ),
        ),
        Panel(
            title="Added by the proxy: p50, p90, p99",
            description="What lambdascope itself adds to a call of another server's tool: all of its time but the "
            "request to that server.",
            unit="s",
            queries=tuple(
                Query(expr=quantile(part, m.PROXY_DURATION, only=OF_UPSTREAMS), legend=f"p{part * 100:g}")
                for part in (0.5, 0.9, 0.99)
            ),
        ),
    ),
)
SESSIONS: Final = Row(
    title="Sessions",
    panels=(
        Panel(
            title="Upstreams over time",
            description="Whether some proxy has an open session with each other server. None is well where nobody "
            "has called it yet.",
            unit="short",
            kind="states",
            width=24,
            height=6,
            states=STATES,
            queries=(Query(expr=most(m.UPSTREAM_OPEN, TARGET), legend=BY_TARGET),),
        ),
        Panel(
            title="Attempts to open sessions",
            description="The first of each proxy, and those after a loss: opened or failed. Pauses between failed ones "
            "grow to a minute.",
            unit="cps",
            width=8,
            stacking="normal",
            queries=(
                Query(
                    expr=rate(m.UPSTREAM_CONNECTS, [*TARGET, names.RESULT]),
                    legend="{{lambdascope_target}}: {{lambdascope_result}}",
                ),
            ),
        ),
        Panel(
            title="Sessions with upstreams that ended",
            description="By error.type: UpstreamGone was lost, none was ended by this proxy.",
            unit="cps",
            width=8,
            stacking="normal",
            queries=(
                Query(
                    expr=rate(m.CLIENT_SESSION_DURATION, [*TARGET, names.ERROR_TYPE], part="count"),
                    legend="{{lambdascope_target}} {{error_type}}",
                ),
            ),
        ),
        Panel(
            title="Length of sessions with upstreams, p50",
            description="Half of the sessions that ended were shorter: seconds are a server that cannot stay up.",
            unit="s",
            width=8,
            queries=(Query(expr=quantile(0.5, m.CLIENT_SESSION_DURATION, TARGET), legend=BY_TARGET),),
        ),
    ),
)
TRACES: Final = Row(
    title="Traces of upstream calls (needs Tempo)",
    is_folded=True,
    panels=(
        Panel(
            title="Slow calls of upstreams",
            description="Traces with a call of another server's tool of at least a second.",
            unit="s",
            kind="table",
            queries=(Traces(query=f"{{ {SPANS} && duration >= 1s }}"),),
        ),
        Panel(
            title="Failed calls of upstreams, traced",
            description="Traces with a call of another server's tool that failed.",
            unit="s",
            kind="table",
            queries=(Traces(query=f"{{ {SPANS} && status = error }}"),),
        ),
    ),
)
UPSTREAMS: Final = Board(
    uid="lambdascope-upstreams",
    title="lambdascope / Upstreams",
    description="Calls, failures and durations of other MCP servers' tools; sessions with them; what the proxy adds.",
    rows=(IN_SHORT, BY_UPSTREAM, TOOLS, CLOCKS, SESSIONS, TRACES),
    needs=("traces",),
)

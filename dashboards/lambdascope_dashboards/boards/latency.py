"""Where the time goes: three clocks of each call, percentiles, cold and warm, and the traces behind them."""

from typing import Final

from lambdascope_dashboards.panel import Board, Panel, Query, Row, Traces
from lambdascope_dashboards.promql import STEP, growth, mean, quantile, rate, share, where
from lambdascope_proxy import names
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.metric import Metric

FUNCTION: Final = (names.FAAS_NAME,)
BY_FUNCTION: Final = "{{faas_invoked_name}}"
TO_LAMBDA: Final = (where(names.TARGET, "=", "lambda"),)
OF_TOOLS: Final = (where(names.MCP_METHOD, "=", "tools/call"),)
DOTS: Final = "Dots are single calls: each leads to its trace."
# A bound is written 1 or 1.0, as the format says in which Prometheus read it.
WITHIN_A_SECOND: Final = (where("le", "=~", r"1|1\\.0"),)
WITHIN_TEN_SECONDS: Final = (where("le", "=~", r"10|10\\.0"),)
SPANS: Final = f'kind = client && span.{names.FAAS_NAME} =~ "$function" && span.{names.FAAS_REGION} =~ "$region"'
# Nothing was sent for them, or AWS ran nothing: the span of the request tells of them.
TURNED_AWAY: Final = (
    OutcomeKind.REFUSED,
    OutcomeKind.INVALID_ARGUMENTS,
    OutcomeKind.NOT_FOUND,
    OutcomeKind.PAYLOAD_TOO_LARGE,
)
REQUESTS: Final = (
    f'kind = server && span.{names.TARGET} = "lambda" && span.{names.OUTCOME} =~ "{"|".join(TURNED_AWAY)}"'
)


def _percentiles(metric: Metric, only: tuple[str, ...] = ()) -> tuple[Query, ...]:
    return tuple(
        Query(expr=quantile(part, metric, only=only), legend=f"p{part * 100:g}", has_exemplars=part == 0.99)
        for part in (0.5, 0.9, 0.99)
    )


CLOCKS: Final = Row(
    title="Where the time goes",
    panels=(
        Panel(
            title="Clocks of a call",
            description="Mean time of a Lambda call, stacked: in the handler, initialising (spread over all calls), "
            "on the network and in Lambda's platform, in this proxy. No two clocks are ever compared.",
            unit="s",
            stacking="normal",
            queries=(
                Query(expr=mean(m.HANDLER_DURATION), legend="handler"),
                Query(
                    expr=share(rate(m.INIT_DURATION, part="sum"), rate(m.HANDLER_DURATION, part="count")), legend="init"
                ),
                Query(expr=mean(m.PLATFORM_DURATION), legend="network and platform"),
                Query(expr=mean(m.PROXY_DURATION, only=TO_LAMBDA), legend="proxy"),
            ),
        ),
        Panel(
            title="Invoke: p50, p90, p99",
            description=f"From the first attempt until the answer was read. {DOTS}",
            unit="s",
            queries=_percentiles(m.INVOKE_DURATION),
        ),
        Panel(
            title="Invokes by duration",
            description=f"How many invokes took how long; two bands are two kinds of calls. {DOTS}",
            unit="s",
            kind="heatmap",
            queries=(
                Query(
                    expr=growth(m.INVOKE_DURATION, ["le"], part="bucket", over=STEP),
                    legend="{{le}}",
                    has_exemplars=True,
                ),
            ),
        ),
        Panel(
            title="Cold and warm invokes, p95",
            description="What a new environment adds. Unknown are calls without a REPORT line.",
            unit="s",
            queries=(
                Query(
                    expr=quantile(0.95, m.INVOKE_DURATION, [names.COLD_START]),
                    legend="cold start: {{lambdascope_cold_start}}",
                    has_exemplars=True,
                ),
            ),
        ),
    ),
)
PARTS: Final = Row(
    title="Each part",
    panels=(
        Panel(
            title="Handler by function, p95",
            description="Duration of the REPORT line: the time a function's own code ran.",
            unit="s",
            width=8,
            queries=(Query(expr=quantile(0.95, m.HANDLER_DURATION, FUNCTION), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Handler cold and warm, p50",
            description="Half of the executions took no longer: the first one in an environment often does more than "
            "initialise.",
            unit="s",
            width=8,
            queries=(
                Query(
                    expr=quantile(0.5, m.HANDLER_DURATION, [names.COLD_START]),
                    legend="cold start: {{lambdascope_cold_start}}",
                ),
            ),
        ),
        Panel(
            title="Init by function, p95",
            description="Init or Restore Duration of cold starts.",
            unit="s",
            width=8,
            queries=(Query(expr=quantile(0.95, m.INIT_DURATION, FUNCTION), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Network and platform by function, p95",
            description="Invoke minus init minus handler. All functions of a region at once: the network or Lambda; "
            "one alone: the size of what it returns.",
            unit="s",
            width=8,
            queries=(Query(expr=quantile(0.95, m.PLATFORM_DURATION, FUNCTION), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Time in the proxy: p50, p90, p99",
            description="What lambdascope itself adds to a call of a Lambda function.",
            unit="s",
            width=8,
            queries=_percentiles(m.PROXY_DURATION, TO_LAMBDA),
        ),
        Panel(
            title="Tool calls: p50, p90, p99",
            description=f"tools/call as this server saw it, every tool. {DOTS}",
            unit="s",
            width=8,
            queries=_percentiles(m.SERVER_DURATION, OF_TOOLS),
        ),
    ),
)
SLOW: Final = Row(
    title="Too slow",
    panels=(
        Panel(
            title="Invokes within a second",
            description="Share of invokes that took at most one second.",
            unit="percentunit",
            most=1,
            queries=(
                Query(
                    expr=f"{rate(m.INVOKE_DURATION, part='bucket', only=WITHIN_A_SECOND)}"
                    f" / {rate(m.INVOKE_DURATION, part='count')}",
                    legend="within 1 s",
                ),
            ),
        ),
        Panel(
            title="Invokes over ten seconds, by function",
            description="How often an invoke takes longer than an agent likes to wait. Calls over "
            "LAMBDASCOPE_SLOW_CALL_MS have a line in the log each, with all clocks.",
            unit="cps",
            queries=(
                Query(
                    expr=f"{rate(m.INVOKE_DURATION, FUNCTION, part='count')}"
                    f" - {rate(m.INVOKE_DURATION, FUNCTION, part='bucket', only=WITHIN_TEN_SECONDS)}",
                    legend=BY_FUNCTION,
                ),
            ),
        ),
        Panel(
            title="Share of cold starts by function",
            description="How often a function's execution had to initialise or restore its environment first.",
            unit="percentunit",
            queries=(
                Query(
                    expr=share(rate(m.COLD_STARTS, FUNCTION), rate(m.HANDLER_DURATION, FUNCTION, part="count")),
                    legend=BY_FUNCTION,
                ),
            ),
        ),
        Panel(
            title="Invoke by outcome, p95",
            description="How long calls take that end in one way or another; timeouts show at their limit.",
            unit="s",
            queries=(Query(expr=quantile(0.95, m.INVOKE_DURATION, [names.OUTCOME]), legend="{{lambdascope_outcome}}"),),
        ),
    ),
)
TRACES: Final = Row(
    title="Traces (needs Tempo)",
    is_folded=True,
    panels=(
        Panel(
            title="Slow invokes",
            description="Traces with an invoke of at least a second, of every environment and client.",
            unit="s",
            kind="table",
            queries=(Traces(query=f"{{ {SPANS} && duration >= 1s }}"),),
        ),
        Panel(
            title="Failed invokes",
            description="Traces with an invoke that failed, of every environment and client.",
            unit="s",
            kind="table",
            queries=(Traces(query=f"{{ {SPANS} && status = error }}"),),
        ),
        Panel(
            title="Calls turned away",
            description="Requests to call a function that were refused, invalid or not found, of every environment, "
            "region, function and client.",
            unit="s",
            kind="table",
            queries=(Traces(query=f"{{ {REQUESTS} }}"),),
        ),
    ),
)
LATENCY: Final = Board(
    uid="lambdascope-latency",
    title="lambdascope / Latency",
    description="Where the time of calls goes: proxy, network and platform, init, handler; cold and warm; traces.",
    rows=(CLOCKS, PARTS, SLOW, TRACES),
    needs=("traces",),
)

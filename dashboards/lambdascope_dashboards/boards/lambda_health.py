"""How the functions fare: throttles, concurrency, memory, timeouts; on demand what CloudWatch says of all callers."""

from typing import Final

from lambdascope_dashboards.boards.cloudwatch_row import CLOUDWATCH
from lambdascope_dashboards.panel import Board, Panel, Query, Row
from lambdascope_dashboards.promql import EXECUTED, STEP, growth, quantile, rate, share, total, where
from lambdascope_proxy import names
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.telemetry import metric_table as m

FUNCTION: Final = (names.FAAS_NAME,)
BY_FUNCTION: Final = "{{faas_invoked_name}}"
NEARLY_FULL: Final = (where("le", "=", "0.9"),)
# Neither the function nor its caller is at fault.
OF_AWS: Final = (OutcomeKind.ACCESS_DENIED, OutcomeKind.NOT_FOUND, OutcomeKind.AWS_ERROR, OutcomeKind.TRANSPORT_ERROR)


TO_LAMBDA: Final = (where(names.TARGET, "=", "lambda"),)


def _ended(*outcomes: OutcomeKind) -> tuple[str, ...]:
    return (where(names.OUTCOME, "=~", "|".join(outcomes)),)


CAPACITY: Final = Row(
    title="Capacity",
    panels=(
        Panel(
            title="Throttled attempts by function",
            description="Attempts that Lambda turned away, those that a retry made good too: the function or the "
            "account is at its concurrency.",
            unit="cps",
            width=8,
            queries=(Query(expr=rate(m.THROTTLES, FUNCTION), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Calls lost to throttling",
            description="Calls that ended as throttled after all retries.",
            unit="cps",
            width=8,
            queries=(Query(expr=rate(m.CALLS, FUNCTION, only=_ended(OutcomeKind.THROTTLED)), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Mean concurrency by function",
            description="Executions under way on average (their rate times their duration, waits for retries too): "
            "what reserved or provisioned concurrency is to be held against. Of calls through lambdascope that were "
            "waited for only.",
            unit="short",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.INVOKE_DURATION, FUNCTION, part="sum", only=[EXECUTED]), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Calls in flight",
            description="Tool calls that have begun and not ended, of all proxies.",
            unit="short",
            width=8,
            queries=(Query(expr=total(m.CALLS_IN_FLIGHT, [names.TARGET]), legend="{{lambdascope_target}}"),),
        ),
        Panel(
            title="Cold starts by function",
            description="New environments for each second: each is a call more than the warm ones could take, or the "
            "first after a deployment or a pause.",
            unit="cps",
            width=8,
            queries=(Query(expr=rate(m.COLD_STARTS, FUNCTION), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Executions by function",
            description="Invokes that ran and were waited for, however they ended: without throttled, queued and dry "
            "ones.",
            unit="cps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.INVOKE_DURATION, FUNCTION, part="count", only=[EXECUTED]), legend=BY_FUNCTION),),
        ),
    ),
)
MEMORY: Final = Row(
    title="Memory",
    panels=(
        Panel(
            title="Memory used by function, p95",
            description="Most memory an execution used, as a share of its size: what is left to 100 % is headroom.",
            unit="percentunit",
            width=8,
            most=1,
            queries=(Query(expr=quantile(0.95, m.MEMORY_UTILIZATION, FUNCTION), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Executions by memory used",
            description="How many executions used what share of their memory: all at the bottom pay for nothing, at "
            "the top they are about to fail.",
            unit="percentunit",
            width=8,
            kind="heatmap",
            queries=(Query(expr=growth(m.MEMORY_UTILIZATION, ["le"], part="bucket", over=STEP), legend="{{le}}"),),
        ),
        Panel(
            title="Executions above 90 % of their memory",
            description="Share of each function's executions that were nearly out of memory.",
            unit="percentunit",
            width=8,
            queries=(
                Query(
                    expr=f"1 - {rate(m.MEMORY_UTILIZATION, FUNCTION, part='bucket', only=NEARLY_FULL)}"
                    f" / {rate(m.MEMORY_UTILIZATION, FUNCTION, part='count')}",
                    legend=BY_FUNCTION,
                ),
            ),
        ),
    ),
)
FAILURES: Final = Row(
    title="Failures",
    panels=(
        Panel(
            title="Timeouts by function",
            description="Executions that Lambda ended at the function's timeout. Their whole time is billed.",
            unit="cps",
            width=8,
            queries=(
                Query(expr=rate(m.CALLS, FUNCTION, only=_ended(OutcomeKind.FUNCTION_TIMEOUT)), legend=BY_FUNCTION),
            ),
        ),
        Panel(
            title="Out of memory by function",
            description="Executions that Lambda ended because their memory was used up.",
            unit="cps",
            width=8,
            queries=(Query(expr=rate(m.CALLS, FUNCTION, only=_ended(OutcomeKind.OUT_OF_MEMORY)), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Function errors by function",
            description="Executions whose own code raised or exited.",
            unit="cps",
            width=8,
            queries=(Query(expr=rate(m.CALLS, FUNCTION, only=_ended(OutcomeKind.FUNCTION_ERROR)), legend=BY_FUNCTION),),
        ),
        Panel(
            title="Executions that succeeded, by function",
            description="Share of executions without a function error, timeout or lack of memory: what AWS calls the "
            "success rate. A function that is throttled in whole has none, and no line here.",
            unit="percentunit",
            most=1,
            queries=(
                Query(
                    expr="1 - "
                    + share(
                        rate(
                            m.INVOKE_DURATION,
                            FUNCTION,
                            part="count",
                            only=_ended(
                                OutcomeKind.FUNCTION_ERROR, OutcomeKind.FUNCTION_TIMEOUT, OutcomeKind.OUT_OF_MEMORY
                            ),
                        ),
                        rate(m.INVOKE_DURATION, FUNCTION, part="count", only=[EXECUTED]),
                    ),
                    legend=BY_FUNCTION,
                ),
            ),
        ),
        Panel(
            title="Failures outside of functions",
            description="AWS refused the call, does not know the function, failed itself or could not be reached.",
            unit="cps",
            queries=(
                Query(
                    expr=rate(m.CALLS, [names.OUTCOME], only=(*TO_LAMBDA, *_ended(*OF_AWS))),
                    legend="{{lambdascope_outcome}}",
                ),
            ),
        ),
    ),
)
LAMBDA_HEALTH: Final = Board(
    uid="lambdascope-lambda",
    title="lambdascope / Lambda health",
    description="Throttles, concurrency, memory headroom, timeouts; what CloudWatch says of all callers.",
    rows=(CAPACITY, MEMORY, FAILURES, CLOUDWATCH),
    needs=("cloudwatch",),
)

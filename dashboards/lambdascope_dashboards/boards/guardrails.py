"""What the guardrails did: refusals, waiting, breakers, retries, kept results, budgets, approvals, changed tools."""

from typing import Final

from lambdascope_dashboards.panel import COUNT, Board, Panel, Query, Row, State
from lambdascope_dashboards.promql import growth, least, most, or_zero, rate, share, total, where
from lambdascope_proxy import names
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.metric import Metric

TOOL: Final = (names.TOOL_NAME,)
TARGET: Final = (names.TARGET,)
REASON: Final = (names.ERROR_TYPE,)
BUDGET: Final = (names.BUDGET,)
RESULT: Final = (names.RESULT,)
BY_TOOL: Final = "{{gen_ai_tool_name}}"
BY_TARGET: Final = "{{lambdascope_target}}"
BY_BUDGET: Final = "{{lambdascope_budget}}"
BY_RESULT: Final = "{{lambdascope_result}}"
# There as soon as a proxy reports.
REPORTED: Final = total(m.QUEUE_LIMIT)
# Nothing was sent for it.
KEPT: Final = (where(names.RESULT, "=~", "hit|shared"),)
TOO_OFTEN: Final = (where(names.ERROR_TYPE, "=~", "RateLimited|TooManyAtOnce"),)
OF_BREAKER: Final = (where(names.ERROR_TYPE, "=", "BreakerOpen"),)
STATES: Final = (
    State(value=0, text="closed", colour="green"),
    State(value=1, text="half open", colour="yellow"),
    State(value=2, text="open", colour="red"),
)
WORST: Final = "Of sessions and principals the one that spent most; of several proxies the one that knows of most."


def _used(spent: Metric, left: Metric) -> str:
    """What share of each budget is spent."""
    return f"{most(spent, BUDGET)} / ({most(spent, BUDGET)} + {least(left, BUDGET)})"


IN_SHORT: Final = Row(
    title="In this time range",
    panels=(
        Panel(
            title="Refused calls",
            description="Calls that a guardrail refused, of every kind.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=or_zero(growth(m.REFUSALS), REPORTED), legend="calls"),),
        ),
        Panel(
            title="Calls that wait now",
            description="Calls that wait for one of the places of LAMBDASCOPE_CONCURRENT_PRINCIPAL or _TOOL.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=or_zero(total(m.CALLS_WAITING), REPORTED), legend="calls"),),
        ),
        Panel(
            title="Breakers open now",
            description="Functions and upstreams that are left alone, or only tried, because they kept failing. "
            "Nothing where no breaker ever opened.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=f"sum({most(m.BREAKER_STATE, (*TARGET, *m.FUNCTION))} > bool 0)", legend="breakers"),),
        ),
        Panel(
            title="Answered from kept results",
            description="Share of calls whose result may be kept that nothing was sent for: kept ones, and those "
            "shared with a call that asked the same at the time.",
            unit="percentunit",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=share(growth(m.CACHE_LOOKUPS, only=KEPT), growth(m.CACHE_LOOKUPS)), legend="kept"),),
        ),
        Panel(
            title="Spent of the tightest budget",
            description="Of all budgets in dollars, and of all in seconds of calls, the one of which the largest share "
            "is spent now.",
            unit="percentunit",
            kind="stat",
            width=4,
            height=4,
            queries=(
                Query(expr=f"max({_used(m.BUDGET_SPENT, m.BUDGET_LEFT)})", legend="dollars"),
                Query(expr=f"max({_used(m.BUDGET_TIME_SPENT, m.BUDGET_TIME_LEFT)})", legend="time"),
            ),
        ),
        Panel(
            title="Tools that are not as accepted",
            description="Tools of other servers that changed or are new, and that nobody has approved yet; held if "
            "LAMBDASCOPE_PIN_TOOLS says so.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=or_zero(f"sum({most(m.TOOLS_UNACCEPTED, TARGET)})", REPORTED), legend="tools"),),
        ),
    ),
)
REFUSED: Final = Row(
    title="Refusals",
    panels=(
        Panel(
            title="Refusals by reason",
            description="Which guardrail refuses how often: rate limits (RateLimited), concurrency (TooManyAtOnce), "
            "breakers, budgets, held tools, approval, access (NotAllowed), sizes.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.REFUSALS, REASON), legend="{{error_type}}"),),
        ),
        Panel(
            title="Refusals by tool",
            description="Which tools are called and refused, whatever the reason.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.REFUSALS, TOOL), legend=BY_TOOL),),
        ),
        Panel(
            title="Too often or too many at once, by tool",
            description="Calls beyond a rate limit, and calls that found no place in time: an agent in a loop, or a "
            "limit that is too low.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(
                Query(
                    expr=rate(m.REFUSALS, (*TOOL, *REASON), only=TOO_OFTEN),
                    legend="{{gen_ai_tool_name}}: {{error_type}}",
                ),
            ),
        ),
        Panel(
            title="Refusals in figures",
            description="Each reason, tool and target within the time range.",
            unit=COUNT,
            kind="table",
            width=16,
            queries=(Query(expr=growth(m.REFUSALS, (*REASON, *TOOL, *TARGET)), legend="calls", unit=COUNT),),
        ),
        Panel(
            title="Waiting calls",
            description="Calls that wait for a place, by which limit: their principal's, or their tool's. They are "
            "refused after LAMBDASCOPE_CONCURRENT_WAIT_S.",
            unit="short",
            width=8,
            stacking="normal",
            queries=(Query(expr=total(m.CALLS_WAITING, [names.REASON]), legend="{{lambdascope_reason}}"),),
        ),
    ),
)
OTHER_SIDE: Final = Row(
    title="Functions and upstreams that fail",
    panels=(
        Panel(
            title="Breakers",
            description="State of each function's and upstream's breaker, in the proxy where it is worst: closed, half "
            "open (one call at a time is tried), open (calls are refused). Only of those that ever opened.",
            unit="short",
            kind="states",
            width=24,
            states=STATES,
            queries=(
                Query(
                    expr=most(m.BREAKER_STATE, (*TARGET, *m.FUNCTION)),
                    legend="{{lambdascope_target}} {{faas_invoked_name}} {{faas_invoked_region}}",
                ),
            ),
        ),
        Panel(
            title="Refused by an open breaker, by target",
            description="Calls that were spared a function or upstream that kept failing.",
            unit="reqps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.REFUSALS, TARGET, only=OF_BREAKER), legend=BY_TARGET),),
        ),
        Panel(
            title="Retries by what went wrong",
            description="Further attempts at calls of idempotent tools, by what the attempt before ended with.",
            unit="cps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.RETRIES, REASON), legend="{{error_type}}"),),
        ),
        Panel(
            title="Retries by tool",
            description="Further attempts at calls of idempotent tools, by tool and target.",
            unit="cps",
            width=8,
            stacking="normal",
            queries=(
                Query(expr=rate(m.RETRIES, (*TOOL, *TARGET)), legend="{{gen_ai_tool_name}} ({{lambdascope_target}})"),
            ),
        ),
    ),
)
CACHE: Final = Row(
    title="Kept results",
    panels=(
        Panel(
            title="Kept results by tool",
            description="Share of each tool's calls whose result may be kept that nothing was sent for.",
            unit="percentunit",
            width=8,
            most=1,
            queries=(
                Query(expr=share(rate(m.CACHE_LOOKUPS, TOOL, only=KEPT), rate(m.CACHE_LOOKUPS, TOOL)), legend=BY_TOOL),
            ),
        ),
        Panel(
            title="Lookups by result",
            description="Calls whose result may be kept: hit, miss, or shared with a call that asked the same at the "
            "time.",
            unit="cps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.CACHE_LOOKUPS, RESULT), legend=BY_RESULT),),
        ),
        Panel(
            title="Size of kept results",
            description="Kept results of the proxy that keeps most; at most LAMBDASCOPE_CACHE_MB.",
            unit="bytes",
            width=8,
            queries=(Query(expr=most(m.CACHE_SIZE), legend="kept"),),
        ),
    ),
)
BUDGETS: Final = Row(
    title="Budgets",
    panels=(
        Panel(
            title="Left of budgets in dollars, now",
            description=f"At 0 calls that cost something are refused until the budget begins anew. {WORST}",
            unit="currencyUSD",
            kind="stat",
            width=12,
            height=4,
            queries=(Query(expr=least(m.BUDGET_LEFT, BUDGET), legend=BY_BUDGET),),
        ),
        Panel(
            title="Left of budgets of time, now",
            description=f"At 0 calls are refused until the budget begins anew. {WORST}",
            unit="s",
            kind="stat",
            width=12,
            height=4,
            queries=(Query(expr=least(m.BUDGET_TIME_LEFT, BUDGET), legend=BY_BUDGET),),
        ),
        Panel(
            title="Spent of budgets in dollars",
            description=f"What calls cost since each budget began, and what is left of it. {WORST}",
            unit="currencyUSD",
            queries=(
                Query(expr=most(m.BUDGET_SPENT, BUDGET), legend=f"{BY_BUDGET}: spent"),
                Query(expr=least(m.BUDGET_LEFT, BUDGET), legend=f"{BY_BUDGET}: left"),
            ),
        ),
        Panel(
            title="Spent of budgets of time",
            description=f"Seconds in calls since each budget began, and what is left of it. {WORST}",
            unit="s",
            queries=(
                Query(expr=most(m.BUDGET_TIME_SPENT, BUDGET), legend=f"{BY_BUDGET}: spent"),
                Query(expr=least(m.BUDGET_TIME_LEFT, BUDGET), legend=f"{BY_BUDGET}: left"),
            ),
        ),
        Panel(
            title="Share of budgets that is spent",
            description="Of each budget, now and before: a line that is steeper than the clock will not last. Warnings "
            "begin at LAMBDASCOPE_BUDGET_WARN_SHARE.",
            unit="percentunit",
            most=1,
            queries=(
                Query(expr=_used(m.BUDGET_SPENT, m.BUDGET_LEFT), legend=BY_BUDGET),
                Query(expr=_used(m.BUDGET_TIME_SPENT, m.BUDGET_TIME_LEFT), legend=BY_BUDGET),
            ),
        ),
        Panel(
            title="Budgets that came near their end",
            description="Once for each session, principal, day or month that came near its end (near), or reached it "
            "(spent).",
            unit="cps",
            has_bars=True,
            stacking="normal",
            queries=(
                Query(
                    expr=rate(m.BUDGET_WARNINGS, (*BUDGET, *RESULT)),
                    legend="{{lambdascope_budget}}: {{lambdascope_result}}",
                ),
            ),
        ),
    ),
)
PEOPLE: Final = Row(
    title="Approvals and pinned tools",
    panels=(
        Panel(
            title="Approvals by result",
            description="What came of asking a person: approved, declined, cancelled, unanswered; unable where the "
            "client cannot ask. In the newest revision each call that is approved was asked before.",
            unit="cps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.APPROVALS, RESULT), legend=BY_RESULT),),
        ),
        Panel(
            title="Approvals by tool",
            description="For which tools people are asked.",
            unit="cps",
            width=8,
            stacking="normal",
            queries=(Query(expr=rate(m.APPROVALS, TOOL), legend=BY_TOOL),),
        ),
        Panel(
            title="Changes of other servers' tools",
            description="Tools whose description or schema changed, or that are new, since somebody accepted them. "
            "Each definition counts once in a proxy.",
            unit="cps",
            width=8,
            has_bars=True,
            stacking="normal",
            queries=(
                Query(
                    expr=rate(m.TOOL_CHANGES, (*TARGET, *RESULT)),
                    legend="{{lambdascope_target}}: {{lambdascope_result}}",
                ),
            ),
        ),
        Panel(
            title="Tools not as accepted, by upstream",
            description="Until `lambdascope upstreams approve`; held if LAMBDASCOPE_PIN_TOOLS says so.",
            unit="short",
            width=8,
            queries=(Query(expr=most(m.TOOLS_UNACCEPTED, TARGET), legend=BY_TARGET),),
        ),
    ),
)
GUARDRAILS: Final = Board(
    uid="lambdascope-guardrails",
    title="lambdascope / Guardrails",
    description="What was refused and why, what waits, breakers, retries, kept results, budgets, approvals, tools that "
    "changed.",
    rows=(IN_SHORT, REFUSED, OTHER_SIDE, CACHE, BUDGETS, PEOPLE),
)

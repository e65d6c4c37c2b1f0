"""What executions and other servers' tools cost, for whom, what of it bought nothing, how sure the figures are."""

from typing import Final

from lambdascope_dashboards.panel import COUNT, Board, Panel, Query, Row
from lambdascope_dashboards.promql import EXECUTED, FAILED, RANGE, growth, rate, share, where
from lambdascope_proxy import names
from lambdascope_proxy.telemetry import metric_table as m

FUNCTION: Final = (names.FAAS_NAME,)
HOUR: Final = "* 3600"
# Other servers' tools, where they have a price, are no function.
OF_FUNCTIONS: Final = (where(names.FAAS_NAME, "!=", ""),)
OF_EXECUTIONS: Final = (*OF_FUNCTIONS, EXECUTED)
OF_FUNCTION: Final = rate(m.COST, FUNCTION, only=OF_FUNCTIONS)
LIST_PRICE: Final = "List price, before any free tier, discount or savings plan."

IN_SHORT: Final = Row(
    title="In this time range",
    panels=(
        Panel(
            title="Cost",
            description=f"What the executions cost, and tools of other servers at the price you set. {LIST_PRICE}",
            unit="currencyUSD",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=growth(m.COST), legend="cost"),),
        ),
        Panel(
            title="Month at this pace",
            description="What this month costs if all of it goes as the time range did. Choose a range of whole days, "
            "better of weeks; `lambdascope forecast` knows weekdays and trends.",
            unit="currencyUSD",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=f"{rate(m.COST, over=RANGE)} * 86400 * days_in_month()", legend="month"),),
        ),
        Panel(
            title="Cost of 1,000 calls",
            description="What a thousand executions cost on average. Calls for which no function ran are not in it, "
            "such as throttled ones; executions without a price count as free: see beside.",
            unit="currencyUSD",
            kind="stat",
            width=4,
            height=4,
            queries=(
                Query(
                    expr=f"1000 * {growth(m.COST, only=OF_EXECUTIONS)} / {growth(m.CALLS, only=OF_EXECUTIONS)}",
                    legend="1,000 calls",
                ),
            ),
        ),
        Panel(
            title="Cost of failed calls",
            description="Share of the cost that paid for calls whose caller did not get what was asked for.",
            unit="percentunit",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=share(growth(m.COST, only=[FAILED]), growth(m.COST)), legend="failed"),),
        ),
        Panel(
            title="Executions without a price",
            description="Lambda did not say what it billed, or the price table has no such price: their cost is in no "
            "figure here. `lambdascope rates refresh` and `lambdascope history reconcile` find most of them.",
            unit=COUNT,
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=growth(m.UNPRICED), legend="unpriced"),),
        ),
        Panel(
            title="Cost of looking",
            description="Estimated price of what lambdascope itself asked of CloudWatch.",
            unit="currencyUSD",
            kind="stat",
            width=4,
            height=4,
            queries=(Query(expr=growth(m.MONITORING_COST), legend="CloudWatch"),),
        ),
    ),
)
WHERE_IT_GOES: Final = Row(
    title="Where it goes",
    panels=(
        Panel(
            title="Cost an hour by function",
            description=f"What each function costs in an hour at the pace of the moment. {LIST_PRICE}",
            unit="currencyUSD",
            stacking="normal",
            queries=(Query(expr=f"{OF_FUNCTION} {HOUR}", legend="{{faas_invoked_name}}"),),
        ),
        Panel(
            title="Cost an hour by client",
            description="Which agents cause the cost. For sessions and principals, of which there are too many for "
            "metrics, see the dashboard of the history.",
            unit="currencyUSD",
            stacking="normal",
            queries=(Query(expr=f"{rate(m.COST, [names.CLIENT_NAME])} {HOUR}", legend="{{lambdascope_client_name}}"),),
        ),
        Panel(
            title="Cost an hour by tool",
            description="Which tools cause the cost: with one tool for each function this tells them apart.",
            unit="currencyUSD",
            stacking="normal",
            queries=(Query(expr=f"{rate(m.COST, [names.TOOL_NAME])} {HOUR}", legend="{{gen_ai_tool_name}}"),),
        ),
        Panel(
            title="Cost an hour by region",
            description="In which AWS regions the cost arises.",
            unit="currencyUSD",
            stacking="normal",
            queries=(
                Query(
                    expr=f"{rate(m.COST, [names.FAAS_REGION], only=OF_FUNCTIONS)} {HOUR}",
                    legend="{{faas_invoked_region}}",
                ),
            ),
        ),
        Panel(
            title="Cost by function in figures",
            description="Each function within the time range. Cold starts and unused memory are parts of the cost, and "
            "of each other: do not add them up.",
            unit="currencyUSD",
            kind="table",
            width=24,
            queries=(
                Query(expr=growth(m.COST, m.FUNCTION, only=OF_FUNCTIONS), legend="cost"),
                Query(
                    expr=f"1000 * {growth(m.COST, m.FUNCTION, only=OF_EXECUTIONS)}"
                    f" / {growth(m.CALLS, m.FUNCTION, only=OF_EXECUTIONS)}",
                    legend="1,000 calls",
                ),
                Query(expr=growth(m.COST, m.FUNCTION, only=[*OF_FUNCTIONS, FAILED]), legend="failed calls"),
                Query(expr=growth(m.INIT_COST, m.FUNCTION), legend="cold starts"),
                Query(expr=growth(m.UNUSED_MEMORY_COST, m.FUNCTION), legend="unused memory"),
                Query(expr=growth(m.BILLED_DURATION, m.FUNCTION), legend="billed time", unit="s"),
            ),
        ),
    ),
)
WASTE: Final = Row(
    title="What bought nothing",
    panels=(
        Panel(
            title="Waste an hour",
            description="Failed calls, initialising, and memory that no execution used. They overlap (a failed cold "
            "start is in two), so do not add them up.",
            unit="currencyUSD",
            width=8,
            queries=(
                Query(expr=f"{rate(m.COST, only=[FAILED])} {HOUR}", legend="failed calls"),
                Query(expr=f"{rate(m.INIT_COST)} {HOUR}", legend="cold starts"),
                Query(expr=f"{rate(m.UNUSED_MEMORY_COST)} {HOUR}", legend="unused memory"),
            ),
        ),
        Panel(
            title="Unused memory by function",
            description="Share of a function's cost that paid for memory it did not use: candidates for a smaller "
            "size. `lambdascope recommend` says which, and what less CPU would do.",
            unit="percentunit",
            width=8,
            queries=(
                Query(expr=f"{rate(m.UNUSED_MEMORY_COST, FUNCTION)} / {OF_FUNCTION}", legend="{{faas_invoked_name}}"),
            ),
        ),
        Panel(
            title="Initialising by function",
            description="Share of a function's cost that paid for cold starts.",
            unit="percentunit",
            width=8,
            queries=(Query(expr=f"{rate(m.INIT_COST, FUNCTION)} / {OF_FUNCTION}", legend="{{faas_invoked_name}}"),),
        ),
        Panel(
            title="Cost an hour of failures, by outcome",
            description="What calls cost that ended badly: a timeout is billed in whole.",
            unit="currencyUSD",
            stacking="normal",
            queries=(
                Query(expr=f"{rate(m.COST, [names.OUTCOME], only=[FAILED])} {HOUR}", legend="{{lambdascope_outcome}}"),
            ),
        ),
        Panel(
            title="Billed time by function",
            description="Seconds that Lambda bills for each second: as many environments are paid for on average.",
            unit="short",
            queries=(Query(expr=rate(m.BILLED_DURATION, FUNCTION), legend="{{faas_invoked_name}}"),),
        ),
    ),
)
HOW_SURE: Final = Row(
    title="How sure it is",
    panels=(
        Panel(
            title="Cost by source",
            description="measured: from the REPORT line of that very call. logs: found later. estimated: an upper "
            "bound from the time we waited, because there was no REPORT line. configured: the price you set for tools "
            "of other servers.",
            unit="currencyUSD",
            width=8,
            stacking="percent",
            queries=(Query(expr=rate(m.COST, [names.COST_SOURCE]), legend="{{lambdascope_cost_source}}"),),
        ),
        Panel(
            title="Unpriced executions by function",
            description="Executions without a price in dollars, whose cost is missing above.",
            unit="cps",
            width=8,
            queries=(Query(expr=rate(m.UNPRICED, FUNCTION), legend="{{faas_invoked_name}}"),),
        ),
        Panel(
            title="Cost of looking by tool",
            description="Estimated price of what was asked of CloudWatch in an hour: by tools, and in the background "
            "to complete calls from the logs.",
            unit="currencyUSD",
            width=8,
            stacking="normal",
            queries=(
                Query(expr=f"{rate(m.MONITORING_COST, [names.TOOL_NAME])} {HOUR}", legend="{{gen_ai_tool_name}}"),
            ),
        ),
    ),
)
COST: Final = Board(
    uid="lambdascope-cost",
    title="lambdascope / Cost",
    description="Dollars by function, client, tool and region; waste; the month at this pace.",
    rows=(IN_SHORT, WHERE_IT_GOES, WASTE, HOW_SURE),
    begins="now-24h",
)

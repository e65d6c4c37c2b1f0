"""What CloudWatch knows of the functions, whoever calls them: a folded row, for whom has that data source."""

from typing import Final

from lambdascope_dashboards.panel import CloudWatch, Panel, Row

OF_ALL: Final = "From CloudWatch: whoever calls, not only through lambdascope."

CLOUDWATCH: Final = Row(
    title="CloudWatch (needs its data source; each look is billed by AWS)",
    is_folded=True,
    panels=(
        Panel(
            title="CloudWatch: invocations",
            description=f"Executions a period, also those that failed, without throttled ones. {OF_ALL}",
            unit="short",
            width=8,
            queries=(CloudWatch(metric="Invocations", statistic="Sum", legend="invocations"),),
        ),
        Panel(
            title="CloudWatch: errors and throttles",
            description=f"Executions that failed, and invokes that were turned away, a period. {OF_ALL}",
            unit="short",
            width=8,
            queries=(
                CloudWatch(metric="Errors", statistic="Sum", legend="errors"),
                CloudWatch(metric="Throttles", statistic="Sum", legend="throttles"),
            ),
        ),
        Panel(
            title="CloudWatch: duration",
            description=f"Time in the handler. {OF_ALL}",
            unit="ms",
            width=8,
            queries=(
                CloudWatch(metric="Duration", statistic="Average", legend="average"),
                CloudWatch(metric="Duration", statistic="p90", legend="p90"),
                CloudWatch(metric="Duration", statistic="Maximum", legend="maximum"),
            ),
        ),
        Panel(
            title="CloudWatch: concurrent executions",
            description=f"Most environments in use at the same time. {OF_ALL}",
            unit="short",
            width=8,
            queries=(CloudWatch(metric="ConcurrentExecutions", statistic="Maximum", legend="concurrent"),),
        ),
        Panel(
            title="CloudWatch: age of events",
            description=f"How long asynchronous events wait before they are run. {OF_ALL}",
            unit="ms",
            width=8,
            queries=(CloudWatch(metric="AsyncEventAge", statistic="Maximum", legend="age"),),
        ),
        Panel(
            title="CloudWatch: events given up",
            description="Asynchronous events that were dropped after the last attempt, and those that reached neither "
            "their destination nor their dead-letter queue; and invokes that Lambda stopped because functions "
            f"called each other in a loop. {OF_ALL}",
            unit="short",
            width=8,
            queries=(
                CloudWatch(metric="AsyncEventsDropped", statistic="Sum", legend="dropped"),
                CloudWatch(metric="DestinationDeliveryFailures", statistic="Sum", legend="destination failed"),
                CloudWatch(metric="DeadLetterErrors", statistic="Sum", legend="dead-letter queue failed"),
                CloudWatch(metric="RecursiveInvocationsDropped", statistic="Sum", legend="loops stopped"),
            ),
        ),
        Panel(
            title="CloudWatch: concurrency of the account",
            description="What the account's limit in this region is held against: claimed is what is in use or "
            "reserved, so that no other function may have it. Of all functions, whichever are chosen.",
            unit="short",
            width=8,
            queries=(
                CloudWatch(
                    metric="ClaimedAccountConcurrency", statistic="Maximum", legend="claimed", is_of_account=True
                ),
                CloudWatch(
                    metric="UnreservedConcurrentExecutions",
                    statistic="Maximum",
                    legend="unreserved",
                    is_of_account=True,
                ),
            ),
        ),
    ),
)

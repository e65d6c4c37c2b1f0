"""lambdascope itself: what it loses, what waits in it, and the Collector behind it."""

from typing import Final

from lambdascope_dashboards.collector_metrics import SIGNALS
from lambdascope_dashboards.panel import COUNT, Board, Panel, Query, Row
from lambdascope_dashboards.promql import RANGE, STEP, growth, most, or_zero, quantile, rate, series, total
from lambdascope_proxy import names
from lambdascope_proxy.telemetry import metric_table as m

INSTANCE: Final = ("service.instance.id",)
BY_INSTANCE: Final = "{{service_instance_id}}"
# There as soon as a proxy reports.
REPORTED: Final = total(m.QUEUE_LIMIT)
OF_COLLECTOR: Final = "Of every Collector that Prometheus scrapes."


def _not_sent(signal: str) -> str:
    given_up, no_room = (f"rate(otelcol_exporter_{how}_failed_{signal}_total[{STEP}])" for how in ("send", "enqueue"))
    # With a label of its own the second is added to the first: `or` would leave it out where their labels are the same.
    return f'sum by (exporter) ({given_up} or label_replace({no_room}, "lost", "no room", "", ""))'


IN_SHORT: Final = Row(
    title="In this time range",
    panels=(
        Panel(
            title="Proxies by version",
            description="Processes that report, by version: two versions for long are a deployment that hangs.",
            unit=COUNT,
            kind="stat",
            width=6,
            height=4,
            queries=(
                Query(
                    expr=f"count by (service_version) (group by (service_version, service_instance_id)"
                    f" ({series(m.QUEUE_LIMIT)}))",
                    legend="{{service_version}}",
                ),
            ),
        ),
        Panel(
            title="Rows lost",
            description="Rows that the history lost. Calls never wait for it: a full queue drops rows and counts them.",
            unit=COUNT,
            kind="stat",
            width=6,
            height=4,
            queries=(Query(expr=or_zero(growth(m.ROWS_DROPPED), REPORTED), legend="rows"),),
        ),
        Panel(
            title="Telemetry lost",
            description="Spans and log lines that could not be exported. What a lost export of metrics held is in the "
            "next.",
            unit=COUNT,
            kind="stat",
            width=6,
            height=4,
            queries=(Query(expr=or_zero(growth(m.LOST), REPORTED), legend="items"),),
        ),
        Panel(
            title="Measurements without attributes",
            description="Values that count in one series for all, because their metric has LAMBDASCOPE_METRICS_SERIES "
            "series already: filters of the dashboards then miss them. Those of clients "
            "beyond the first 100 names count, too.",
            unit=COUNT,
            kind="stat",
            width=6,
            height=4,
            queries=(Query(expr=or_zero(growth(m.OVERFLOW), REPORTED), legend="values"),),
        ),
    ),
)
HISTORY: Final = Row(
    title="History",
    panels=(
        Panel(
            title="Queue of rows",
            description="Rows that wait to be written, as a share of those that may, of the fullest proxies.",
            unit="percentunit",
            width=8,
            most=1,
            queries=(
                Query(expr=f"{most(m.QUEUE_LENGTH, INSTANCE)} / {most(m.QUEUE_LIMIT, INSTANCE)}", legend=BY_INSTANCE),
            ),
        ),
        Panel(
            title="Rows written",
            description="Rows handed to the history.",
            unit="wps",
            width=8,
            queries=(Query(expr=rate(m.ROWS), legend="rows"),),
        ),
        Panel(
            title="Rows lost, by reason",
            description="Why rows did not reach the history.",
            unit="cps",
            width=8,
            queries=(Query(expr=rate(m.ROWS_DROPPED, [names.REASON]), legend="{{lambdascope_reason}}"),),
        ),
        Panel(
            title="Spool",
            description="Files that await compaction, of all processes that write a history: growing means that no "
            "compaction gets through.",
            unit="bytes",
            width=8,
            queries=(Query(expr=most(m.SPOOL_SIZE, INSTANCE), legend=BY_INSTANCE),),
        ),
        Panel(
            title="Compactions by result",
            description="Compactions of the spool into segments, by how they ended.",
            unit="cps",
            width=8,
            queries=(Query(expr=rate(m.COMPACTIONS, [names.RESULT]), legend="{{lambdascope_result}}"),),
        ),
        Panel(
            title="Duration of compactions",
            description="How long compactions took; they run at low priority.",
            unit="s",
            width=8,
            queries=(
                Query(expr=quantile(0.5, m.COMPACTION_DURATION, over=STEP), legend="p50"),
                Query(expr=quantile(0.95, m.COMPACTION_DURATION, over=STEP), legend="p95"),
            ),
        ),
    ),
)
PROCESS: Final = Row(
    title="Process and telemetry",
    panels=(
        Panel(
            title="Delay of the event loop",
            description="How late a timer fires: time in which every call of the proxy waited.",
            unit="s",
            width=8,
            queries=(
                Query(expr=quantile(0.5, m.EVENT_LOOP_DELAY), legend="p50"),
                Query(expr=quantile(0.99, m.EVENT_LOOP_DELAY), legend="p99"),
            ),
        ),
        Panel(
            title="Worst delay by proxy",
            description="p99 of each proxy over the time range: one that stands out has too little CPU.",
            unit="s",
            width=8,
            kind="table",
            queries=(Query(expr=quantile(0.99, m.EVENT_LOOP_DELAY, INSTANCE, over=RANGE), legend="p99"),),
        ),
        Panel(
            title="CPU by proxy",
            description="CPU seconds for each second: one proxy runs calls on one core at most. Without the processes "
            "that answer questions and compact the history.",
            unit="short",
            width=8,
            queries=(Query(expr=rate(m.PROCESS_CPU_TIME, INSTANCE), legend=BY_INSTANCE),),
        ),
        Panel(
            title="Memory by proxy",
            description="Resident memory of each proxy, without the processes that answer questions and compact the "
            "history. Only where a proxy runs on Linux.",
            unit="bytes",
            width=8,
            queries=(Query(expr=most(m.PROCESS_MEMORY_USAGE, INSTANCE), legend=BY_INSTANCE),),
        ),
        Panel(
            title="Telemetry lost, by signal and reason",
            description="What could not be exported, and why. Calls are not affected.",
            unit="cps",
            width=8,
            queries=(
                Query(
                    expr=rate(m.LOST, [names.SIGNAL, names.REASON]),
                    legend="{{lambdascope_signal}}: {{lambdascope_reason}}",
                ),
            ),
        ),
        Panel(
            title="Measurements without attributes, by metric",
            description="Which metrics have more series than LAMBDASCOPE_METRICS_SERIES (series_limit), and values of "
            "clients beyond the first 100 names (client_limit), which lack their client alone.",
            unit="cps",
            queries=(
                Query(
                    expr=rate(m.OVERFLOW, [names.METRIC, names.REASON]),
                    legend="{{lambdascope_metric}}: {{lambdascope_reason}}",
                ),
            ),
        ),
    ),
)
COLLECTOR: Final = Row(
    title="Collector",
    panels=(
        Panel(
            title="Received by the Collector",
            description=f"Spans, metric points and log records taken in. {OF_COLLECTOR}",
            unit="cps",
            width=8,
            queries=tuple(
                Query(expr=f"sum(rate(otelcol_receiver_accepted_{signal}_total[{STEP}]))", legend=signal)
                for signal in SIGNALS
            ),
        ),
        Panel(
            title="Refused by the Collector",
            description=f"Turned away, because its memory limit is reached: the sender keeps and later drops it. "
            f"{OF_COLLECTOR}",
            unit="cps",
            width=8,
            queries=tuple(
                Query(expr=f"sum(rate(otelcol_receiver_refused_{signal}_total[{STEP}]))", legend=signal)
                for signal in SIGNALS
            ),
        ),
        Panel(
            title="Not sent by the Collector",
            description=f"What exporters gave up after all retries, or had no room for in a queue. {OF_COLLECTOR}",
            unit="cps",
            width=8,
            queries=tuple(Query(expr=_not_sent(signal), legend=f"{{{{exporter}}}}: {signal}") for signal in SIGNALS),
        ),
        Panel(
            title="Queues of the Collector",
            description=f"What waits for a backend, as a share of what may. {OF_COLLECTOR}",
            unit="percentunit",
            width=8,
            most=1,
            queries=(
                Query(
                    expr="max by (exporter, data_type) (otelcol_exporter_queue_size)"
                    " / max by (exporter, data_type) (otelcol_exporter_queue_capacity)",
                    legend="{{exporter}}: {{data_type}}",
                ),
            ),
        ),
        Panel(
            title="Memory of the Collector",
            description=f"Resident memory; its memory limiter refuses data before it runs out. {OF_COLLECTOR}",
            unit="bytes",
            width=8,
            queries=(Query(expr="max(otelcol_process_memory_rss_bytes)", legend="resident"),),
        ),
        Panel(
            title="CPU of the Collector",
            description=f"CPU seconds for each second. {OF_COLLECTOR}",
            unit="short",
            width=8,
            queries=(Query(expr=f"sum(rate(otelcol_process_cpu_seconds_total[{STEP}]))", legend="cores"),),
        ),
    ),
)
PROXY: Final = Board(
    uid="lambdascope-proxy",
    title="lambdascope / Proxy itself",
    description="Whether lambdascope keeps up: queue, losses, compaction, event loop, CPU, memory; and the Collector.",
    rows=(IN_SHORT, HISTORY, PROCESS, COLLECTOR),
)

"""Builds the monitoring side: the tools that look at CloudWatch, and what completes the history from it."""

from dataclasses import dataclass
from pathlib import Path

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.privacy.gate import RowGate
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.analysis_wiring import build_analysis_tools
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.aws.versions import Versions
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.insights import Insights
from lambdascope_proxy.cloudwatch.log_events import LogEvents
from lambdascope_proxy.cloudwatch.log_groups import LogGroups
from lambdascope_proxy.cloudwatch.metrics import Metrics
from lambdascope_proxy.monitoring.aliases import Aliases
from lambdascope_proxy.monitoring.execution_sources import ExecutionSources
from lambdascope_proxy.monitoring.executions import Executions
from lambdascope_proxy.monitoring.failed_requests import FailedRequests
from lambdascope_proxy.monitoring.fleet import Fleets
from lambdascope_proxy.monitoring.limits import ConcurrencyLimits
from lambdascope_proxy.reconcile.backfill import Backfill
from lambdascope_proxy.reconcile.log_access import LogAccess
from lambdascope_proxy.reconcile.reconciler import Reconciler
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.threads import Threads
from lambdascope_proxy.tool import Tool
from lambdascope_proxy.tools.inspect_execution import InspectExecution
from lambdascope_proxy.tools.monitor_executions import MonitorExecutions
from lambdascope_proxy.tools.monitor_fleet import MonitorFleet
from lambdascope_proxy.tools.query_logs import QueryLogs

# Long polls of a few queries must not keep the others from being sent.
THREADS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """What looks at CloudWatch and at the history."""

    tools: tuple[Tool, ...]
    questions: Questions
    reconciler: Reconciler
    backfill: Backfill


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What of the proxy the monitoring side stands on."""

    settings: Settings
    places: Places
    catalogs: Catalogs
    versions: Versions
    history: SpoolWriter
    history_directory: Path
    scrubber: Scrubber


def build_monitoring(around: Surroundings) -> Monitoring:
    """Builds it; asks nobody yet."""
    settings, places, catalogs = around.settings, around.places, around.catalogs
    threads = Threads(THREADS)
    questions = Questions(around.history_directory)
    insights = Insights(places, threads, timeout_s=settings.logs_timeout_s, max_scan_gb=settings.max_scan_gb)
    log_groups = LogGroups(places, threads, ttl_s=settings.catalog_ttl_s)
    events = LogEvents(places, threads)
    metrics, asked = Metrics(places, threads), Asked()
    sources = ExecutionSources(
        metrics=metrics,
        insights=insights,
        log_groups=log_groups,
        failed_requests=FailedRequests(events),
        history=questions,
        asked=asked,
        max_scan_gb=settings.max_scan_gb,
    )
    logs = LogAccess(catalogs=catalogs, insights=insights, log_groups=log_groups, max_scan_gb=settings.max_scan_gb)
    return Monitoring(
        tools=(
            MonitorExecutions(
                catalogs=catalogs,
                versions=around.versions,
                aliases=Aliases(places, threads, ttl_s=settings.catalog_ttl_s),
                executions=Executions(sources, ConcurrencyLimits(places, threads, ttl_s=settings.catalog_ttl_s)),
                rates=load_rates,
                scrub=around.scrubber.text,
            ),
            MonitorFleet(catalogs=catalogs, fleets=Fleets(metrics, asked), rates=load_rates),
            QueryLogs(
                catalogs,
                log_groups,
                insights,
                asked,
                around.scrubber.text,
                max_scan_gb=settings.max_scan_gb,
                max_result_bytes=settings.max_result_bytes,
                events=events,
            ),
            InspectExecution(
                questions,
                catalogs,
                events,
                around.scrubber.text,
                trace_url=settings.trace_url,
                max_result_bytes=settings.max_result_bytes,
            ),
            *build_analysis_tools(questions, catalogs),
        ),
        questions=questions,
        reconciler=Reconciler(
            around.history_directory, questions, logs, append=around.history.append, gate=RowGate(around.scrubber)
        ),
        backfill=Backfill(around.history_directory, questions, around.history, logs),
    )

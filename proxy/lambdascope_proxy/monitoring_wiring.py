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
from lambdascope_proxy.telemetry.looking_meter import metering
from lambdascope_proxy.telemetry.opening import Telemetry
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
    telemetry: Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class _CloudWatch:
    """Its read side, shared by all that look."""

    threads: Threads
    metrics: Metrics
    insights: Insights
    log_groups: LogGroups
    events: LogEvents
    asked: Asked


def build_monitoring(around: Surroundings) -> Monitoring:
    """Builds it; asks nobody yet."""
    settings, catalogs, directory = around.settings, around.catalogs, around.history_directory
    questions, watch = Questions(directory), _cloudwatch(settings, around.places)
    logs = LogAccess(
        catalogs=catalogs, insights=watch.insights, log_groups=watch.log_groups, max_scan_gb=settings.max_scan_gb
    )
    return Monitoring(
        tools=(
            _monitor_executions(around, watch, questions),
            MonitorFleet(catalogs=catalogs, fleets=Fleets(watch.metrics, watch.asked), rates=load_rates),
            _query_logs(around, watch),
            _inspect_execution(around, watch, questions),
            *build_analysis_tools(questions, catalogs),
        ),
        questions=questions,
        reconciler=Reconciler(
            directory,
            questions,
            logs,
            append=metering(around.history.append, around.telemetry.meters),
            gate=RowGate(around.scrubber),
            tracer=around.telemetry.tracer,
            meters=around.telemetry.meters,
        ),
        backfill=Backfill(directory, questions, around.history, logs),
    )


def _cloudwatch(settings: Settings, places: Places) -> _CloudWatch:
    threads = Threads(THREADS)
    return _CloudWatch(
        threads=threads,
        metrics=Metrics(places, threads),
        insights=Insights(places, threads, timeout_s=settings.logs_timeout_s, max_scan_gb=settings.max_scan_gb),
        log_groups=LogGroups(places, threads, ttl_s=settings.catalog_ttl_s),
        events=LogEvents(places, threads),
        asked=Asked(),
    )


def _monitor_executions(around: Surroundings, watch: _CloudWatch, questions: Questions) -> MonitorExecutions:
    settings, places = around.settings, around.places
    sources = ExecutionSources(
        metrics=watch.metrics,
        insights=watch.insights,
        log_groups=watch.log_groups,
        failed_requests=FailedRequests(watch.events),
        history=questions,
        asked=watch.asked,
        max_scan_gb=settings.max_scan_gb,
    )
    return MonitorExecutions(
        catalogs=around.catalogs,
        versions=around.versions,
        aliases=Aliases(places, watch.threads, ttl_s=settings.catalog_ttl_s),
        executions=Executions(sources, ConcurrencyLimits(places, watch.threads, ttl_s=settings.catalog_ttl_s)),
        rates=load_rates,
        scrub=around.scrubber.text,
    )


def _query_logs(around: Surroundings, watch: _CloudWatch) -> QueryLogs:
    return QueryLogs(
        around.catalogs,
        watch.log_groups,
        watch.insights,
        watch.asked,
        around.scrubber.text,
        max_scan_gb=around.settings.max_scan_gb,
        max_result_bytes=around.settings.max_result_bytes,
        events=watch.events,
    )


def _inspect_execution(around: Surroundings, watch: _CloudWatch, questions: Questions) -> InspectExecution:
    return InspectExecution(
        questions,
        around.catalogs,
        watch.events,
        around.scrubber.text,
        trace_url=around.settings.trace_url,
        max_result_bytes=around.settings.max_result_bytes,
    )

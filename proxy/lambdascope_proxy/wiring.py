"""The one place that builds things and says in which order the steps stand."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lambdascope_analytics.adhoc.limits import Limits
from lambdascope_analytics.adhoc.queries import Queries
from lambdascope_analytics.errors import PatternError
from lambdascope_analytics.privacy.gate import RowGate
from lambdascope_analytics.privacy.keeping import PayloadKeeper
from lambdascope_analytics.privacy.patterns import read_patterns
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_analytics.store.directories import default_directory
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.lake.background import LakeUploads
from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation, read_location
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_analytics.store.upkeep import Upkeep
from lambdascope_proxy.access.access import Access
from lambdascope_proxy.access_wiring import build_access
from lambdascope_proxy.account_wiring import build_catalogs, build_places
from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.aws.versions import Versions
from lambdascope_proxy.budget_wiring import build_pins
from lambdascope_proxy.call import Next
from lambdascope_proxy.catalog import Catalog
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.guard_wiring import Guards, build_guards
from lambdascope_proxy.later import Later
from lambdascope_proxy.pipeline import build_pipeline
from lambdascope_proxy.resource import TextResource, history_schema
from lambdascope_proxy.results import Results
from lambdascope_proxy.schema_store import SchemaStore
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.steps.access import AccessStep
from lambdascope_proxy.steps.arguments import ArgumentsStep
from lambdascope_proxy.steps.client_span import ClientSpanStep
from lambdascope_proxy.steps.limits import LimitsStep
from lambdascope_proxy.steps.meter import MeterStep
from lambdascope_proxy.steps.payload import PayloadStep
from lambdascope_proxy.steps.policy import PolicyStep
from lambdascope_proxy.steps.record import RecordStep
from lambdascope_proxy.steps.settle import settle
from lambdascope_proxy.steps.slow import SlowStep
from lambdascope_proxy.steps.trace import TraceStep
from lambdascope_proxy.targets.aws_lambda import LambdaTarget
from lambdascope_proxy.targets.invoke_http import InvokeHttp
from lambdascope_proxy.telemetry.history_gauges import meter_compaction, watch_history
from lambdascope_proxy.telemetry.opening import Telemetry, open_telemetry
from lambdascope_proxy.threads import Threads
from lambdascope_proxy.tool import Tool
from lambdascope_proxy.tool_wiring import build_toolbox, build_upstreams_of
from lambdascope_proxy.toolbox import Toolbox
from lambdascope_proxy.tools.invoke_function import InvokeFunction
from lambdascope_proxy.tools.query_history import QueryHistory

if TYPE_CHECKING:
    from lambdascope_proxy.monitoring_wiring import Monitoring
    from lambdascope_proxy.telemetry.meters import Meters
    from lambdascope_proxy.upstreams.offer import Upstreams

log = logging.getLogger(__name__)
CLOSE_S = 3.0
CONTROL_THREADS = 8
CHECK_THREADS = 1
COMPACT_INTERVAL_S = 3600.0
LAKE_INTERVAL_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Everything a call needs, ready to be put behind a transport or the command line."""

    settings: Settings
    clients: Clients
    places: Places
    http: InvokeHttp
    catalog: Catalog
    catalogs: Catalogs
    schemas: SchemaStore
    toolbox: Toolbox
    upstreams: "Upstreams | None"
    resources: tuple[TextResource, ...]
    invoke_tool: Tool
    pipeline: Next
    guards: Guards
    access: Access | None
    telemetry: Telemetry
    scrub: Callable[[str], str]
    history: SpoolWriter
    history_directory: Path
    monitoring: "Later[Monitoring]"
    upkeep: Upkeep

    async def aclose(self) -> None:
        """Ends what belongs to the event loop: connections, and the process that answers about the history."""
        await self.http.aclose()
        if self.guards.elsewhere:
            await self.guards.elsewhere.aclose()
        if monitoring := self.monitoring.made:
            await monitoring.questions.aclose()

    def close(self) -> None:
        """Writes out what is queued and exports the last spans; bounded in time."""
        self.upkeep.stop()
        self.history.close(CLOSE_S)
        self.telemetry.shutdown()


def build_proxy(settings: Settings, environ: Mapping[str, str]) -> Proxy:
    """Builds the proxy. Reads only scrub patterns and the access file, and calls nothing yet. Raises: SettingsError."""
    scrubber = scrubber_of(settings)
    sends_xray = settings.propagation in {"xray", "both"}
    telemetry = open_telemetry(environ, most_series=settings.metrics_series, scrub=scrubber.text, sends_xray=sends_xray)
    clients = Clients(region=settings.aws_region, profile=settings.aws_profile, on_import=telemetry.instrument_botocore)
    threads = Threads(CONTROL_THREADS)
    places = build_places(settings, clients)
    catalogs = build_catalogs(settings, places, threads, telemetry.tracer)
    # Threads of their own for each: schemas or lists that do not come must not keep credentials from being renewed.
    schemas = SchemaStore(places, Threads(CONTROL_THREADS), settings.schema_tag_key, ttl_s=settings.catalog_ttl_s)
    http = InvokeHttp(places, Threads(CONTROL_THREADS), settings.max_concurrency)
    results = Results(settings.result_cache_mb * 1_000_000)
    target = LambdaTarget(http, throttle_budget_s=settings.throttle_budget_s, propagation=settings.propagation)
    directory = history_directory(settings)
    keeper = payload_keeper(settings, scrubber)
    history = SpoolWriter(directory, sync_s=settings.history_sync_s, gate=RowGate(scrubber, keeper))
    versions = Versions(places, threads, ttl_s=settings.catalog_ttl_s)
    monitoring = Later(
        lambda: _monitoring(settings, places, catalogs, versions, history, directory, scrubber, telemetry)
    )
    invoke_tool = InvokeFunction(target.invoke)
    pins = build_pins(settings, directory, telemetry.meters)
    upstreams = build_upstreams_of(settings, scrubber.text, pins, telemetry.meters)
    access = build_access(settings)
    guards = build_guards(
        settings,
        telemetry.meters,
        ask=lambda name, parameters: monitoring.get().questions.ask(name, parameters),
        scrubber=scrubber,
        pins=pins,
    )
    if upstreams:
        upstreams.on_change(guards.tools_changed)
    if telemetry.meters:
        watch_history(telemetry.meters, history, directory)
    return Proxy(
        settings=settings,
        clients=clients,
        places=places,
        http=http,
        catalog=catalogs.home,
        catalogs=catalogs,
        schemas=schemas,
        toolbox=build_toolbox(
            settings,
            catalogs,
            schemas,
            results,
            invoke_tool,
            target.invoke,
            questions=_question_tools(settings),
            more=lambda: monitoring.get().tools,
            upstreams=upstreams,
        ),
        upstreams=upstreams,
        resources=(history_schema(query_limits(settings)),) if settings.sql_concurrency else (),
        invoke_tool=invoke_tool,
        pipeline=build_pipeline(
            [
                TraceStep(telemetry.tracer, scrubber.text),
                *([MeterStep(telemetry.meters)] if telemetry.meters else []),
                *([SlowStep(threshold_ms=settings.slow_call_ms)] if settings.slow_call_ms else []),
                RecordStep(history.append, keeper),
                settle,
                *([AccessStep(access)] if access else []),
                *guards.arriving,
                ArgumentsStep(),
                PolicyStep(catalogs, versions),
                PayloadStep(schemas, Threads(CHECK_THREADS)),
                LimitsStep(
                    results,
                    settings.max_result_bytes,
                    settings.max_argument_bytes,
                    settings.upstream_result_bytes,
                ),
                *guards.sending,
                ClientSpanStep(telemetry.tracer, scrubber.text),
            ]
        ),
        access=access,
        guards=guards,
        telemetry=telemetry,
        scrub=scrubber.text,
        history=history,
        history_directory=directory,
        monitoring=monitoring,
        upkeep=_upkeep(settings, directory, telemetry.meters),
    )


def history_directory(settings: Settings) -> Path:
    """Where the history is: the setting, else the user's data directory."""
    return Path(settings.history_dir).expanduser() if settings.history_dir else default_directory()


def scrubber_of(settings: Settings) -> Scrubber:
    """What masks secrets in all that is written. Raises: SettingsError that names the line of a bad pattern."""
    known = (lambda: _secrets_of(settings)) if settings.upstreams else None
    if not settings.scrub_patterns:
        return Scrubber(known=known)
    try:
        return Scrubber(read_patterns(Path(settings.scrub_patterns).expanduser()), known)
    except PatternError as error:
        raise SettingsError(f"LAMBDASCOPE_SCRUB_PATTERNS: {error}") from error


def _secrets_of(settings: Settings) -> Collection[str]:
    from lambdascope_proxy.upstreams.known_secrets import known_secrets

    return known_secrets(settings.upstreams)


def payload_keeper(settings: Settings, scrubber: Scrubber) -> PayloadKeeper | None:
    """What keeps payloads for the history; None where it keeps none."""
    if settings.record_payloads == "none":
        return None
    is_full = settings.record_payloads == "full"
    if is_full:
        log.warning(
            "LAMBDASCOPE_RECORD_PAYLOADS=full: the history keeps payloads as they are, with the passwords, keys and "
            "personal data in them; 'redacted' masks what is recognised"
        )
    return PayloadKeeper(limit=settings.record_payload_bytes, scrubber=None if is_full else scrubber)


def upkeep_options(settings: Settings) -> UpkeepOptions:
    """How the history is kept. With a lake, what many hosts read together is not to be an hour late."""
    return UpkeepOptions(
        keep_days=settings.history_days or None,
        keep_bytes=settings.history_mb * 1_000_000 or None,
        interval_s=LAKE_INTERVAL_S if settings.history_s3 else COMPACT_INTERVAL_S,
        uploads=bool(settings.history_s3),
    )


def query_limits(settings: Settings) -> Limits:
    """What one query of an agent may use."""
    return Limits(
        timeout_s=settings.sql_timeout_s,
        memory_mb=settings.sql_memory_mb,
        max_rows=settings.sql_max_rows,
        max_bytes=settings.max_result_bytes,
    )


def lake_of(settings: Settings) -> tuple[LakeLocation, LakeAccess] | None:
    """Where finished segments also go, and how that is reached."""
    if not settings.history_s3:
        return None
    access = LakeAccess(
        endpoint=settings.history_s3_endpoint,
        region=settings.aws_region,
        profile=settings.history_s3_profile or settings.aws_profile,
        kms_key=settings.history_s3_kms_key,
    )
    return read_location(settings.history_s3), access


def _upkeep(settings: Settings, directory: Path, meters: "Meters | None") -> Upkeep:
    def meter(went_well: bool, seconds: float) -> None:
        if meters:
            meter_compaction(meters, went_well=went_well, seconds=seconds)

    return Upkeep(directory, upkeep_options(settings), then=_uploads(settings, directory), on_end=meter)


def _uploads(settings: Settings, directory: Path) -> Callable[[], object] | None:
    lake = lake_of(settings)
    return LakeUploads(directory, *lake).look if lake else None


def _monitoring(
    settings: Settings,
    places: Places,
    catalogs: Catalogs,
    versions: Versions,
    history: SpoolWriter,
    directory: Path,
    scrubber: Scrubber,
    telemetry: Telemetry,
) -> "Monitoring":
    # Not with the rest: it takes a twentieth of a second that the first answer need not wait for.
    from lambdascope_proxy.monitoring_wiring import Surroundings, build_monitoring

    return build_monitoring(
        Surroundings(
            settings=settings,
            places=places,
            catalogs=catalogs,
            versions=versions,
            history=history,
            history_directory=directory,
            scrubber=scrubber,
            telemetry=telemetry,
        )
    )


def _question_tools(settings: Settings) -> list[Tool]:
    if not settings.sql_concurrency:
        return []
    queries = Queries(history_directory(settings), query_limits(settings), at_once=settings.sql_concurrency)
    return [QueryHistory(queries)]

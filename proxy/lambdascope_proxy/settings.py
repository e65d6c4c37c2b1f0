"""The settings of a proxy: read from the environment, else from a TOML file, else the default; checked together.

An empty variable counts as unset. The settings themselves stand in `settings_table.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lambdascope_proxy.access.checks import check_access
from lambdascope_proxy.aws.roles import AssumedRole
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.setting import Setting
from lambdascope_proxy.settings_file import VARIABLE, read_settings_file
from lambdascope_proxy.settings_table import TABLE
from lambdascope_proxy.upstreams.keys import KEYS
from lambdascope_proxy.upstreams.reading import read_upstreams
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.values import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one proxy, read and checked. Durations in seconds, sizes as the name says."""

    aws_region: str
    aws_profile: str
    regions: frozenset[str]
    role_arns: tuple[AssumedRole, ...]
    function_prefix: str
    function_list: frozenset[str]
    function_tag_key: str
    function_tag_value: str
    schema_tag_key: str
    allow_all_functions: bool
    expose: str
    port: int
    host: str
    allowed_hosts: frozenset[str]
    allowed_origins: frozenset[str]
    api_keys_file: str
    oauth_issuer: str
    oauth_audience: str
    oauth_jwks_url: str
    oauth_scopes: frozenset[str]
    oauth_principal_claim: str
    access_file: str
    allow_unauthenticated: bool
    max_concurrency: int
    catalog_ttl_s: float
    throttle_budget_s: float
    max_result_bytes: int
    result_cache_mb: int
    drain_s: float
    propagation: str
    metrics_series: int
    history_dir: str
    record_payloads: str
    record_payload_bytes: int
    scrub_patterns: str
    history_days: int
    history_mb: int
    history_sync_s: float
    history_s3: str
    history_s3_endpoint: str
    history_s3_profile: str
    history_s3_kms_key: str
    sql_concurrency: int
    sql_timeout_s: float
    sql_memory_mb: int
    sql_max_rows: int
    max_scan_gb: float
    logs_timeout_s: float
    trace_url: str
    reconcile_s: float
    log_level: str
    slow_call_ms: int
    log_format: str
    pin_tools: str
    approve: str
    approve_tools: frozenset[str]
    budget_session_usd: Decimal | None
    budget_session_s: Decimal | None
    budget_principal_day_usd: Decimal | None
    budget_principal_day_s: Decimal | None
    budget_day_usd: Decimal | None
    budget_day_s: Decimal | None
    budget_month_usd: Decimal | None
    budget_month_s: Decimal | None
    budget_warn_share: Decimal
    rate_limit_principal: str
    rate_limit_session: str
    rate_limit_tool: str
    concurrent_principal: int
    concurrent_tool: int
    concurrent_wait_s: float
    call_timeout_s: float
    breaker_failures: int
    breaker_open_s: float
    retry_attempts: int
    retry_budget_s: float
    idempotent_functions: frozenset[str]
    read_only_functions: frozenset[str]
    cache_ttl_s: float
    cache_mb: int
    max_argument_bytes: int
    upstream_result_bytes: int
    max_upstream_bytes: int
    upstreams: tuple[Upstream, ...] = ()


def load_settings(environ: Mapping[str, str], config: Path | None = None, *, connects: bool = True) -> Settings:
    """Reads and checks every setting; the file is `config`, else the one LAMBDASCOPE_CONFIG names.

    What `connects` to no upstream gets none, and needs none of the variables that their tables refer to.

    Raises: SettingsError naming the variable or the key, the value where it is no secret, and what it takes.
    """
    file = read_settings_file(environ, config)
    values = {
        setting.field: _read(setting, environ.get(setting.variable), file.values.get(setting.field))
        for setting in TABLE
    }
    around = Surroundings(environ=environ, directory=file.directory)
    upstreams = read_upstreams(file.upstreams, file.place, around) if connects else ()
    settings = Settings(**values, upstreams=upstreams)
    _check(settings)
    return settings


def describe_settings() -> str:
    """The tables as text, for `--help`."""
    lines = ["Settings (environment, or --config FILE with the names in brackets; empty variables count as unset):"]
    for setting in TABLE:
        default = f" Default: {setting.default}." if setting.default else ""
        lines.append(f"  {setting.variable} [{setting.field}]\n      {setting.meaning}{default}")
    lines += [
        f"  {VARIABLE}\n      The file of settings, where --config is not given.",
        "  OTEL_*\n      As OpenTelemetry defines them; telemetry is off unless OTEL_EXPORTER_OTLP_ENDPOINT is set.",
        "",
        "Other MCP servers behind this one, each in a table [upstreams.NAME] of that file:",
        *(f"  {key.field} = {key.example}\n      {key.meaning}" for key in KEYS),
    ]
    return "\n".join(lines)


def _read(setting: Setting, from_environment: str | None, from_file: str | None) -> Any:
    raw = setting.default if from_file is None else from_file
    # Compose files hand on what is not set as an empty variable.
    if from_environment and from_environment.strip():
        raw = setting.default if setting.left_to_boto3 else from_environment
    try:
        return setting.read(raw)
    except ValueError as error:
        raise SettingsError(f"{setting.variable}={raw!r}: {error}") from error


def _check(settings: Settings) -> None:
    if bool(settings.function_tag_key) != bool(settings.function_tag_value):
        raise SettingsError("FUNCTION_TAG_KEY and FUNCTION_TAG_VALUE go together: set both or neither")
    extras = (settings.history_s3_endpoint, settings.history_s3_profile, settings.history_s3_kms_key)
    if any(extras) and not settings.history_s3:
        raise SettingsError("LAMBDASCOPE_HISTORY_S3_ENDPOINT, _PROFILE and _KMS_KEY need LAMBDASCOPE_HISTORY_S3 itself")
    check_access(settings)

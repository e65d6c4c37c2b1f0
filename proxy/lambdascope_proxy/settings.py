"""Every setting, declared once: its variable, default, meaning and how its text is read.

Values come from the environment, else from a TOML file, else from the default; an empty variable counts as unset.
`docs/settings.md` and `lambdascope serve --help` are made from this table.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from lambdascope_analytics.store.lake.location import read_location
from lambdascope_proxy.errors import SettingsError

N = TypeVar("N", int, float)
FUNCTION_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one proxy, read and checked. Durations in seconds, sizes as the name says."""

    aws_region: str
    aws_profile: str
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
    max_concurrency: int
    catalog_ttl_s: float
    throttle_budget_s: float
    max_result_bytes: int
    result_cache_mb: int
    drain_s: float
    propagation: str
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
    log_level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table: environment variable, field of Settings, reader, default and meaning.

    One that is `left_to_boto3` keeps its default when its variable is set: boto3 reads that itself.
    """

    variable: str
    field: str
    read: Callable[[str], Any]
    default: str
    meaning: str
    left_to_boto3: bool = False


def _text(value: str) -> str:
    return value.strip()


def _names(value: str) -> frozenset[str]:
    return frozenset(part.strip() for part in value.split(",") if part.strip())


def _function_names(value: str) -> frozenset[str]:
    names = _names(value)
    for name in sorted(names):
        if not FUNCTION_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no plain function name: give names without ARN, version or alias")
    return names


def _lake_location(value: str) -> str:
    return str(read_location(value)) if value.strip() else ""


def _web_address(value: str) -> str:
    text = value.strip()
    try:
        parts = urlsplit(text)
        is_complete = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_complete = False
    if text and not is_complete:
        raise ValueError("use a URL such as https://s3.example.com:9000")
    return text


def _flag(value: str) -> bool:
    lowered = value.strip().lower()
    if lowered in {"true", "1", "yes", "on"}:
        return True
    if lowered in {"false", "0", "no", "off", ""}:
        return False
    raise ValueError("use true or false")


def _number(low: float, high: float) -> Callable[[str], float]:
    return _between(float, low, high, f"use a number from {low:g} to {high:g}")


def _whole(low: int, high: int) -> Callable[[str], int]:
    return _between(int, low, high, f"use a whole number from {low} to {high}")


def _between(read_number: Callable[[str], N], low: float, high: float, advice: str) -> Callable[[str], N]:
    def read(value: str) -> N:
        try:
            number = read_number(value)
        except ValueError:
            raise ValueError(advice) from None
        if not low <= number <= high:
            raise ValueError(advice)
        return number

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        word = value.strip()
        matches = [known for known in words if known.lower() == word.lower()]
        if not matches:
            raise ValueError(f"use one of {', '.join(words)}")
        return matches[0]

    return read


TABLE: Final[tuple[Setting, ...]] = (
    Setting(
        variable="AWS_REGION",
        field="aws_region",
        read=_text,
        default="",
        meaning="Region of the functions; else what the AWS profile says.",
    ),
    Setting(
        variable="AWS_PROFILE",
        field="aws_profile",
        read=_text,
        default="",
        meaning=(
            "AWS profile; else boto3's usual credential chain. Access keys in the environment go before a profile "
            "named there, not before one named in the file."
        ),
        left_to_boto3=True,
    ),
    Setting(
        variable="FUNCTION_PREFIX",
        field="function_prefix",
        read=_text,
        default="",
        meaning="Allow functions whose name starts so.",
    ),
    Setting(
        variable="FUNCTION_LIST",
        field="function_list",
        read=_function_names,
        default="",
        meaning="Allow these functions: plain names, separated by commas.",
    ),
    Setting(
        variable="FUNCTION_TAG_KEY",
        field="function_tag_key",
        read=_text,
        default="",
        meaning="Allow only functions that carry this tag (with FUNCTION_TAG_VALUE).",
    ),
    Setting(
        variable="FUNCTION_TAG_VALUE",
        field="function_tag_value",
        read=_text,
        default="",
        meaning="The value that tag must have.",
    ),
    Setting(
        variable="FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY",
        field="schema_tag_key",
        read=_text,
        default="",
        meaning="Tag that holds the ARN of a function's input schema in the EventBridge Schema Registry.",
    ),
    Setting(
        variable="LAMBDASCOPE_ALLOW_ALL_FUNCTIONS",
        field="allow_all_functions",
        read=_flag,
        default="false",
        meaning="Allow every function of the account and region.",
    ),
    Setting(
        variable="LAMBDASCOPE_EXPOSE",
        field="expose",
        read=_one_of("generic", "functions", "both"),
        default="generic",
        meaning="Tools offered: generic (list, schema, invoke), functions (one tool per function) or both.",
    ),
    Setting(
        variable="MCP_SERVER_PORT",
        field="port",
        read=_whole(0, 65535),
        default="3000",
        meaning="Port of Streamable HTTP; 0 takes a free one.",
    ),
    Setting(
        variable="LAMBDASCOPE_HOST",
        field="host",
        read=_text,
        default="127.0.0.1",
        meaning="Address Streamable HTTP binds to. Anything but loopback also needs LAMBDASCOPE_ALLOWED_HOSTS.",
    ),
    Setting(
        variable="LAMBDASCOPE_ALLOWED_HOSTS",
        field="allowed_hosts",
        read=_names,
        default="",
        meaning="Host headers accepted, such as mcp.example.com or mcp.example.com:*; loopback names when empty.",
    ),
    Setting(
        variable="LAMBDASCOPE_ALLOWED_ORIGINS",
        field="allowed_origins",
        read=_names,
        default="",
        meaning="Origin headers accepted from browsers; loopback ones when empty.",
    ),
    Setting(
        variable="LAMBDASCOPE_MAX_CONCURRENCY",
        field="max_concurrency",
        read=_whole(1, 1024),
        default="64",
        meaning="Invocations in flight at once; further ones wait. Also the size of the connection pool.",
    ),
    Setting(
        variable="LAMBDASCOPE_CATALOG_TTL_S",
        field="catalog_ttl_s",
        read=_number(1, 86400),
        default="300",
        meaning="Seconds between looks at which functions there are.",
    ),
    Setting(
        variable="LAMBDASCOPE_THROTTLE_BUDGET_S",
        field="throttle_budget_s",
        read=_number(0, 300),
        default="5",
        meaning="Seconds one call may spend waiting to retry a throttled Invoke; 0 never retries.",
    ),
    Setting(
        variable="LAMBDASCOPE_MAX_RESULT_BYTES",
        field="max_result_bytes",
        read=_whole(1024, 8_000_000),
        default="65536",
        meaning="Longest result handed to the model; the rest is kept for read_result.",
    ),
    Setting(
        variable="LAMBDASCOPE_RESULT_CACHE_MB",
        field="result_cache_mb",
        read=_whole(0, 4096),
        default="16",
        meaning="Memory for results too long for the model; the oldest go first.",
    ),
    Setting(
        variable="LAMBDASCOPE_DRAIN_S",
        field="drain_s",
        read=_number(0, 900),
        default="10",
        meaning="Seconds given to calls in flight at SIGTERM or at the end of stdin.",
    ),
    Setting(
        variable="LAMBDASCOPE_PROPAGATION",
        field="propagation",
        read=_one_of("none", "xray", "w3c", "both"),
        default="w3c",
        meaning=(
            "Trace context sent to functions: w3c in ClientContext, xray as a header (a sampled trace then turns on "
            "X-Ray recording, which AWS bills)."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_DIR",
        field="history_dir",
        read=_text,
        default="",
        meaning="Where the history is kept; else the user's data directory.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_DAYS",
        field="history_days",
        read=_whole(0, 36_500),
        default="0",
        meaning="Days of history to keep; whole older days are removed. 0 keeps all.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_MB",
        field="history_mb",
        read=_whole(0, 1 << 40),
        default="0",
        meaning="Most megabytes of segments to keep; the oldest days are removed, never the newest. 0 keeps all.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_SYNC_S",
        field="history_sync_s",
        read=_number(0, 3600),
        default="1",
        meaning=(
            "Seconds after which a written row is safe from a power cut (fdatasync); 0 for at once. A killed process "
            "loses no written row in any case."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_S3",
        field="history_s3",
        read=_lake_location,
        default="",
        meaning="s3://bucket/prefix to which finished parts of the history are also uploaded, for many hosts together.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_S3_ENDPOINT",
        field="history_s3_endpoint",
        read=_web_address,
        default="",
        meaning="URL of an S3 server for that other than AWS's; else AWS_ENDPOINT_URL_S3, as boto3 reads it.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_S3_PROFILE",
        field="history_s3_profile",
        read=_text,
        default="",
        meaning="AWS profile for that; else the credentials that call the functions.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_S3_KMS_KEY",
        field="history_s3_kms_key",
        read=_text,
        default="",
        meaning="KMS key (id, ARN or alias/name) for the objects; else the bucket's default encryption.",
    ),
    Setting(
        variable="LAMBDASCOPE_RECORD_PAYLOADS",
        field="record_payloads",
        read=_one_of("none", "redacted", "full"),
        default="none",
        meaning=(
            "Payloads sent and received that the history keeps: none, redacted (known secrets masked) or full (as they "
            "are, secrets and all)."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_RECORD_PAYLOAD_BYTES",
        field="record_payload_bytes",
        read=_whole(256, 65536),
        default="16384",
        meaning="Longest payload kept by the history, if any is; longer ones are cut, and say so.",
    ),
    Setting(
        variable="LAMBDASCOPE_SCRUB_PATTERNS",
        field="scrub_patterns",
        read=_text,
        default="",
        meaning="File of regular expressions, one a line, whose matches are masked wherever secrets are.",
    ),
    Setting(
        variable="LAMBDASCOPE_SQL_CONCURRENCY",
        field="sql_concurrency",
        read=_whole(0, 64),
        default="2",
        meaning="Queries of query_history at once, each a process; further ones wait. 0 takes the tool away.",
    ),
    Setting(
        variable="LAMBDASCOPE_SQL_TIMEOUT_S",
        field="sql_timeout_s",
        read=_number(1, 3600),
        default="30",
        meaning="Seconds a query may take before its process is killed.",
    ),
    Setting(
        variable="LAMBDASCOPE_SQL_MEMORY_MB",
        field="sql_memory_mb",
        read=_whole(128, 1_000_000),
        default="1024",
        meaning="Memory DuckDB may use for one query; its process may have 1 GiB of addresses more.",
    ),
    Setting(
        variable="LAMBDASCOPE_SQL_MAX_ROWS",
        field="sql_max_rows",
        read=_whole(1, 100_000),
        default="1000",
        meaning="Most rows of one answer of query_history; LAMBDASCOPE_MAX_RESULT_BYTES bounds its size.",
    ),
    Setting(
        variable="LOG_LEVEL",
        field="log_level",
        read=_one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        default="WARNING",
        meaning="Least severe log line written to stderr.",
    ),
)


def load_settings(environ: Mapping[str, str], config: Path | None = None) -> Settings:
    """Reads and checks every setting.

    Raises: SettingsError naming the variable, the value and what it takes.
    """
    file_values = _read_file(config) if config else {}
    values = {
        setting.field: _read(setting, environ.get(setting.variable), file_values.get(setting.field))
        for setting in TABLE
    }
    settings = Settings(**values)
    _check(settings)
    return settings


def describe_settings() -> str:
    """The table as text, for `--help`."""
    lines = ["Settings (environment, or --config FILE with the names in brackets; empty variables count as unset):"]
    for setting in TABLE:
        default = f" Default: {setting.default}." if setting.default else ""
        lines.append(f"  {setting.variable} [{setting.field}]\n      {setting.meaning}{default}")
    lines.append(
        "  OTEL_*\n      As OpenTelemetry defines them; telemetry is off unless OTEL_EXPORTER_OTLP_ENDPOINT is set."
    )
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


def _read_file(path: Path) -> dict[str, str]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"--config {path}: {error}") from error
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(set(document) - known):
        raise SettingsError(f"--config {path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return {name: _as_text(path, name, value) for name, value in document.items()}


def _as_text(path: Path, name: str, value: Any) -> str:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- tomllib gives Any
    if isinstance(value, bool | int | float | str):
        return str(value)
    raise SettingsError(f"--config {path}: {name} takes a string, number, true/false or list")


def _check(settings: Settings) -> None:
    if bool(settings.function_tag_key) != bool(settings.function_tag_value):
        raise SettingsError("FUNCTION_TAG_KEY and FUNCTION_TAG_VALUE go together: set both or neither")
    extras = (settings.history_s3_endpoint, settings.history_s3_profile, settings.history_s3_kms_key)
    if any(extras) and not settings.history_s3:
        raise SettingsError("LAMBDASCOPE_HISTORY_S3_ENDPOINT, _PROFILE and _KMS_KEY need LAMBDASCOPE_HISTORY_S3 itself")
    is_loopback = settings.host in {"127.0.0.1", "::1", "localhost"}
    if not is_loopback and not settings.allowed_hosts:
        raise SettingsError(
            f"LAMBDASCOPE_HOST={settings.host} is not loopback: also set LAMBDASCOPE_ALLOWED_HOSTS to the host names "
            "clients use, which protects against DNS rebinding"
        )

"""The settings: what each variable takes, where values come from and what is refused, by name."""

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import Settings, describe_settings, load_settings
from lambdascope_proxy.settings_table import TABLE

OF_VARIABLE = {setting.variable: setting.field for setting in TABLE}


def value_of(variable: str, **environ: str) -> Any:
    return getattr(load_settings(environ), OF_VARIABLE[variable])


def file_of(directory: Path, text: str) -> Path:
    path = directory / "lambdascope.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_with_nothing_set_nothing_is_allowed_and_only_loopback_is_bound() -> None:
    assert load_settings({}) == Settings(
        aws_region="",
        aws_profile="",
        regions=frozenset(),
        role_arns=(),
        function_prefix="",
        function_list=frozenset(),
        function_tag_key="",
        function_tag_value="",
        schema_tag_key="",
        allow_all_functions=False,
        expose="generic",
        port=3000,
        host="127.0.0.1",
        allowed_hosts=frozenset(),
        allowed_origins=frozenset(),
        api_keys_file="",
        oauth_issuer="",
        oauth_audience="",
        oauth_jwks_url="",
        oauth_scopes=frozenset(),
        oauth_principal_claim="sub",
        access_file="",
        allow_unauthenticated=False,
        max_concurrency=64,
        catalog_ttl_s=300.0,
        throttle_budget_s=5.0,
        max_result_bytes=65536,
        result_cache_mb=16,
        drain_s=10.0,
        propagation="w3c",
        metrics_series=2000,
        history_dir="",
        record_payloads="none",
        record_payload_bytes=16384,
        scrub_patterns="",
        history_s3="",
        history_s3_endpoint="",
        history_s3_profile="",
        history_s3_kms_key="",
        history_days=0,
        history_mb=0,
        history_sync_s=1.0,
        sql_concurrency=2,
        sql_timeout_s=30.0,
        sql_memory_mb=1024,
        sql_max_rows=1000,
        max_scan_gb=10.0,
        logs_timeout_s=60.0,
        trace_url="",
        reconcile_s=600.0,
        log_level="WARNING",
        slow_call_ms=10_000,
        log_format="auto",
        pin_tools="report",
        approve="never",
        approve_tools=frozenset(),
        budget_session_usd=None,
        budget_session_s=None,
        budget_principal_day_usd=None,
        budget_principal_day_s=None,
        budget_day_usd=None,
        budget_day_s=None,
        budget_month_usd=None,
        budget_month_s=None,
        budget_warn_share=Decimal("0.8"),
        rate_limit_principal="",
        rate_limit_session="",
        rate_limit_tool="",
        concurrent_principal=0,
        concurrent_tool=0,
        concurrent_wait_s=5.0,
        call_timeout_s=0.0,
        breaker_failures=0,
        breaker_open_s=30.0,
        retry_attempts=0,
        retry_budget_s=30.0,
        idempotent_functions=frozenset(),
        read_only_functions=frozenset(),
        cache_ttl_s=0.0,
        cache_mb=16,
        max_argument_bytes=0,
        upstream_result_bytes=0,
        max_upstream_bytes=20_000_000,
    )


def test_every_field_has_exactly_one_row_of_the_table() -> None:
    fields = {field.name for field in dataclasses.fields(Settings)}
    # Upstreams are tables of the file, which no variable could hold.
    assert sorted(setting.field for setting in TABLE) == sorted(fields - {"upstreams"})
    assert len({setting.variable for setting in TABLE}) == len(TABLE)
    assert all(setting.meaning.endswith(".") for setting in TABLE)


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("AWS_REGION", " eu-west-1 ", "eu-west-1"),
        ("FUNCTION_LIST", "a, b,,a ,", frozenset({"a", "b"})),
        ("LAMBDASCOPE_ALLOW_ALL_FUNCTIONS", "TRUE", True),
        ("LAMBDASCOPE_ALLOW_ALL_FUNCTIONS", "1", True),
        ("LAMBDASCOPE_ALLOW_ALL_FUNCTIONS", "off", False),
        ("LAMBDASCOPE_EXPOSE", "Functions", "functions"),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("MCP_SERVER_PORT", "0", 0),
        ("MCP_SERVER_PORT", "65535", 65535),
        ("LAMBDASCOPE_CATALOG_TTL_S", "1.5", 1.5),
        ("LAMBDASCOPE_THROTTLE_BUDGET_S", "0", 0.0),
        ("LAMBDASCOPE_PROPAGATION", "both", "both"),
        ("LAMBDASCOPE_BUDGET_DAY_USD", " 2.50 ", Decimal("2.5")),
        ("LAMBDASCOPE_BUDGET_WARN_SHARE", "1", Decimal(1)),
        ("LAMBDASCOPE_RATE_LIMIT_TOOL", " 100/minute; 10 per second ", "100/minute; 10 per second"),
        ("LAMBDASCOPE_IDEMPOTENT_FUNCTIONS", "orders-*, invoices", frozenset({"orders-*", "invoices"})),
        ("LAMBDASCOPE_HISTORY_S3", " s3://my-lake/agents/ ", "s3://my-lake/agents"),
    ],
)
def test_a_setting_is_read_from_its_text(variable: str, text: str, value: object) -> None:
    assert value_of(variable, **{variable: text}) == value


@pytest.mark.parametrize(
    ("variable", "text", "takes"),
    [
        ("LAMBDASCOPE_ALLOW_ALL_FUNCTIONS", "maybe", "true or false"),
        ("LAMBDASCOPE_EXPOSE", "all", "generic, functions, both"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
        ("MCP_SERVER_PORT", "65536", "from 0 to 65535"),
        ("MCP_SERVER_PORT", "-1", "from 0 to 65535"),
        ("MCP_SERVER_PORT", "http", "from 0 to 65535"),
        ("LAMBDASCOPE_MAX_CONCURRENCY", "0", "from 1 to 1024"),
        ("LAMBDASCOPE_MAX_CONCURRENCY", "1.5", "from 1 to 1024"),
        ("LAMBDASCOPE_MAX_RESULT_BYTES", "1023", "from 1024 to 8000000"),
        ("LAMBDASCOPE_RESULT_CACHE_MB", "4097", "from 0 to 4096"),
        ("LAMBDASCOPE_CATALOG_TTL_S", "0.5", "from 1 to 86400"),
        ("LAMBDASCOPE_CATALOG_TTL_S", "nan", "from 1 to 86400"),
        ("LAMBDASCOPE_CATALOG_TTL_S", "soon", "from 1 to 86400"),
        ("LAMBDASCOPE_THROTTLE_BUDGET_S", "inf", "from 0 to 300"),
        ("LAMBDASCOPE_DRAIN_S", "-0.1", "from 0 to 900"),
        ("LAMBDASCOPE_BUDGET_DAY_USD", "0", "above 0"),
        ("LAMBDASCOPE_BUDGET_DAY_USD", "$5", "above 0"),
        ("LAMBDASCOPE_BUDGET_MONTH_S", "NaN", "leave it empty for no limit"),
        ("LAMBDASCOPE_BUDGET_WARN_SHARE", "80", "up to 1"),
        ("LAMBDASCOPE_RATE_LIMIT_TOOL", "many", "100/minute; 10/second"),
        ("LAMBDASCOPE_RATE_LIMIT_TOOL", "5/second; many", "100/minute; 10/second"),
        ("LAMBDASCOPE_RATE_LIMIT_SESSION", "0/second", "of 1 to 100000 calls"),
        ("LAMBDASCOPE_RATE_LIMIT_SESSION", "100001/day", "of 1 to 100000 calls"),
        ("LAMBDASCOPE_HISTORY_S3", "my-lake/agents", "s3://bucket/prefix"),
        ("LAMBDASCOPE_HISTORY_S3", "https://my-lake.s3.amazonaws.com/agents", "s3://bucket/prefix"),
        ("LAMBDASCOPE_HISTORY_S3", "s3://My_Lake/agents", "'My_Lake' is no bucket name"),
        ("LAMBDASCOPE_HISTORY_S3_ENDPOINT", "s3.example.com:9000", "a URL such as https://"),
        ("LAMBDASCOPE_HISTORY_S3_ENDPOINT", "http://s3.example.com:99999", "a URL such as https://"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_it_takes(variable: str, text: str, takes: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({variable: text})
    assert str(refused.value).startswith(f"{variable}={text!r}: ")
    assert takes in str(refused.value)


@pytest.mark.parametrize("environ", [{"FUNCTION_TAG_KEY": "team"}, {"FUNCTION_TAG_VALUE": "orders"}])
def test_half_a_tag_is_refused(environ: dict[str, str]) -> None:
    # A key alone would otherwise allow either everything or nothing, and nobody could tell which.
    with pytest.raises(SettingsError, match="FUNCTION_TAG_KEY and FUNCTION_TAG_VALUE go together"):
        load_settings(environ)


@pytest.mark.parametrize("variable", ["ENDPOINT", "PROFILE", "KMS_KEY"])
def test_a_setting_of_the_lake_without_the_lake_is_refused(variable: str) -> None:
    # Somebody believes that the history is uploaded, and it is not.
    extra = {f"LAMBDASCOPE_HISTORY_S3_{variable}": "http://localhost:9000"}
    with pytest.raises(SettingsError, match="need LAMBDASCOPE_HISTORY_S3 itself"):
        load_settings(extra)
    assert load_settings({**extra, "LAMBDASCOPE_HISTORY_S3": "s3://my-lake"}).history_s3 == "s3://my-lake"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "example.com"])
def test_an_address_beyond_loopback_needs_the_hosts_clients_use(host: str) -> None:
    with pytest.raises(SettingsError, match="LAMBDASCOPE_ALLOWED_HOSTS"):
        load_settings({"LAMBDASCOPE_HOST": host})
    named = {"LAMBDASCOPE_HOST": host, "LAMBDASCOPE_ALLOWED_HOSTS": "mcp.example.com"}
    allowed = load_settings({**named, "LAMBDASCOPE_API_KEYS_FILE": "keys"})
    assert allowed.allowed_hosts == {"mcp.example.com"}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.9"])
def test_loopback_needs_no_more(host: str) -> None:
    assert load_settings({"LAMBDASCOPE_HOST": host}).host == host


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(tmp_path: Path) -> None:
    path = file_of(tmp_path, 'port = 4000\nfunction_prefix = "file-"\n')
    settings = load_settings({"FUNCTION_PREFIX": "env-"}, path)
    assert (settings.function_prefix, settings.port, settings.expose) == ("env-", 4000, "generic")


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_counts_as_unset_whatever_the_setting(tmp_path: Path, empty: str) -> None:
    # Compose files hand on `${X:-}` for each: an empty port or host would be refused, or bind to everything.
    assert load_settings({setting.variable: empty for setting in TABLE}) == load_settings({})
    path = file_of(tmp_path, 'function_prefix = "file-"\naws_profile = "ops"\n')
    settings = load_settings({"FUNCTION_PREFIX": empty, "AWS_PROFILE": empty}, path)
    assert (settings.function_prefix, settings.aws_profile) == ("file-", "ops")


def test_an_empty_host_in_the_file_is_not_taken_for_loopback(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LAMBDASCOPE_ALLOWED_HOSTS"):
        load_settings({}, file_of(tmp_path, 'host = ""'))


def test_a_profile_the_environment_names_is_left_to_boto3_and_one_from_the_file_is_ours(tmp_path: Path) -> None:
    # Handed to boto3 by us it would go before access keys beside it, and calls to another account.
    path = file_of(tmp_path, 'aws_profile = "file"')
    assert load_settings({}, path).aws_profile == "file"
    assert load_settings({"AWS_PROFILE": "env"}).aws_profile == ""
    assert load_settings({"AWS_PROFILE": "env"}, path).aws_profile == ""


@pytest.mark.parametrize(
    "name",
    ["arn:aws:lambda:us-east-1:123456789012:function:orders", "orders:live", "123456789012:orders", "or ders", "a/b"],
)
def test_a_listed_function_that_is_no_plain_name_is_refused(name: str) -> None:
    # It would match nothing: functions are found by their plain names.
    with pytest.raises(SettingsError, match="plain function name") as refused:
        load_settings({"FUNCTION_LIST": f"stock,{name}"})
    assert repr(name) in str(refused.value)


def test_hosts_and_origins_may_hold_what_a_function_name_may_not() -> None:
    settings = load_settings(
        {"LAMBDASCOPE_ALLOWED_HOSTS": "mcp.example.com:*", "LAMBDASCOPE_ALLOWED_ORIGINS": "https://example.com"}
    )
    assert (settings.allowed_hosts, settings.allowed_origins) == ({"mcp.example.com:*"}, {"https://example.com"})


def test_a_file_takes_the_types_of_toml(tmp_path: Path) -> None:
    text = 'allow_all_functions = true\nfunction_list = ["a", "b"]\ncatalog_ttl_s = 2.5\nmax_concurrency = 3\n'
    settings = load_settings({}, file_of(tmp_path, text))
    assert settings.allow_all_functions is True
    assert settings.function_list == {"a", "b"}
    assert (settings.catalog_ttl_s, settings.max_concurrency) == (2.5, 3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('function_prefx = "a"', "unknown setting 'function_prefx'"),
        ("port = ", "Invalid value"),
        ("[port]\nnumber = 1", "port takes a string, number, true/false or list"),
        ("port = 1979-05-27", "port takes a string, number, true/false or list"),
        ('port = "http"', "MCP_SERVER_PORT='http'"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({}, file_of(tmp_path, text))
    assert reason in str(refused.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--config .*missing\.toml"):
        load_settings({}, tmp_path / "missing.toml")
    (tmp_path / "latin.toml").write_bytes(b'function_prefix = "caf\xe9"')
    with pytest.raises(SettingsError, match=r"--config .*latin\.toml"):
        load_settings({}, tmp_path / "latin.toml")


def test_the_help_text_names_every_variable_and_every_default() -> None:
    text = describe_settings()
    for setting in TABLE:
        assert f"{setting.variable} [{setting.field}]" in text
        assert f"Default: {setting.default}." in text or not setting.default
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in text


@pytest.mark.parametrize("value", ["tempo.example/{trace_id}", "https://tempo.example/trace"])
def test_a_link_to_traces_is_a_url_with_a_place_for_the_id(value: str) -> None:
    with pytest.raises(SettingsError, match="LAMBDASCOPE_TRACE_URL"):
        load_settings({"LAMBDASCOPE_TRACE_URL": value})
    good = "https://tempo.example/trace/{trace_id}"
    assert value_of("LAMBDASCOPE_TRACE_URL", LAMBDASCOPE_TRACE_URL=good) == good

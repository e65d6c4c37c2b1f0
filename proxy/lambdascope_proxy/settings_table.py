"""Every setting, declared once: its variable, default, meaning and how its text is read.

Longer than other modules because it is one table. `docs/settings.md` and `lambdascope serve --help` are made from it.
"""

from typing import Final

from lambdascope_proxy.aws.roles import read_roles
from lambdascope_proxy.setting import (
    Setting,
    amount,
    flag,
    function_names,
    lake_location,
    link_template,
    names,
    number,
    one_of,
    rates,
    share,
    text,
    web_address,
    whole,
    words,
)

TABLE: Final[tuple[Setting, ...]] = (
    Setting(
        variable="AWS_REGION",
        field="aws_region",
        read=text,
        default="",
        meaning="Region of the functions; else what the AWS profile says.",
    ),
    Setting(
        variable="AWS_PROFILE",
        field="aws_profile",
        read=text,
        default="",
        meaning=(
            "AWS profile; else boto3's usual credential chain. Access keys in the environment go before a profile "
            "named there, not before one named in the file."
        ),
        left_to_boto3=True,
    ),
    Setting(
        variable="LAMBDASCOPE_REGIONS",
        field="regions",
        read=names,
        default="",
        meaning="Further regions whose functions may be seen and called, comma-separated; * for every region.",
    ),
    Setting(
        variable="LAMBDASCOPE_ROLE_ARNS",
        field="role_arns",
        read=read_roles,
        default="",
        meaning=(
            "Roles of further accounts, comma-separated, whose functions may be seen and called too; "
            "`?external_id=...` behind an ARN gives its external id."
        ),
    ),
    Setting(
        variable="FUNCTION_PREFIX",
        field="function_prefix",
        read=text,
        default="",
        meaning="Allow functions whose name starts so.",
    ),
    Setting(
        variable="FUNCTION_LIST",
        field="function_list",
        read=function_names,
        default="",
        meaning="Allow these functions: plain names, separated by commas.",
    ),
    Setting(
        variable="FUNCTION_TAG_KEY",
        field="function_tag_key",
        read=text,
        default="",
        meaning="Allow only functions that carry this tag (with FUNCTION_TAG_VALUE).",
    ),
    Setting(
        variable="FUNCTION_TAG_VALUE",
        field="function_tag_value",
        read=text,
        default="",
        meaning="The value that tag must have.",
    ),
    Setting(
        variable="FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY",
        field="schema_tag_key",
        read=text,
        default="",
        meaning="Tag that holds the ARN of a function's input schema in the EventBridge Schema Registry.",
    ),
    Setting(
        variable="LAMBDASCOPE_ALLOW_ALL_FUNCTIONS",
        field="allow_all_functions",
        read=flag,
        default="false",
        meaning="Allow every function, in every account and region that is within reach.",
    ),
    Setting(
        variable="LAMBDASCOPE_EXPOSE",
        field="expose",
        read=one_of("generic", "functions", "both"),
        default="generic",
        meaning="Tools offered: generic (list, schema, invoke), functions (one tool per function) or both.",
    ),
    Setting(
        variable="MCP_SERVER_PORT",
        field="port",
        read=whole(0, 65535),
        default="3000",
        meaning="Port of Streamable HTTP; 0 takes a free one.",
    ),
    Setting(
        variable="LAMBDASCOPE_HOST",
        field="host",
        read=text,
        default="127.0.0.1",
        meaning=(
            "Address Streamable HTTP binds to. Anything but loopback also needs LAMBDASCOPE_ALLOWED_HOSTS, and API "
            "keys or OAuth."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_ALLOWED_HOSTS",
        field="allowed_hosts",
        read=names,
        default="",
        meaning="Host headers accepted, such as mcp.example.com or mcp.example.com:*; loopback names when empty.",
    ),
    Setting(
        variable="LAMBDASCOPE_ALLOWED_ORIGINS",
        field="allowed_origins",
        read=names,
        default="",
        meaning="Origin headers accepted from browsers; loopback ones when empty.",
    ),
    Setting(
        variable="LAMBDASCOPE_API_KEYS_FILE",
        field="api_keys_file",
        read=text,
        default="",
        meaning="File of the API keys that callers over HTTP may show; `lambdascope keys new NAME` makes its lines.",
    ),
    Setting(
        variable="LAMBDASCOPE_OAUTH_ISSUER",
        field="oauth_issuer",
        read=web_address,
        default="",
        meaning=(
            "Authorization server whose access tokens (JWT) callers over HTTP may show: its issuer, to the letter, "
            "such as https://auth.example.com/realms/tools."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_OAUTH_AUDIENCE",
        field="oauth_audience",
        read=web_address,
        default="",
        meaning="What those tokens must be for: the URL under which clients reach this server, such as https://mcp.example.com/mcp.",
    ),
    Setting(
        variable="LAMBDASCOPE_OAUTH_JWKS_URL",
        field="oauth_jwks_url",
        read=web_address,
        default="",
        meaning="Where the keys of the authorization server are; else where its metadata says.",
    ),
    Setting(
        variable="LAMBDASCOPE_OAUTH_SCOPES",
        field="oauth_scopes",
        read=words,
        default="",
        meaning="Scopes that every token must have.",
    ),
    Setting(
        variable="LAMBDASCOPE_OAUTH_PRINCIPAL_CLAIM",
        field="oauth_principal_claim",
        read=text,
        default="sub",
        meaning="Claim of a token that names who calls; the client, where there is no sub.",
    ),
    Setting(
        variable="LAMBDASCOPE_ACCESS_FILE",
        field="access_file",
        read=text,
        default="",
        meaning="TOML file that says which tools, functions and upstreams each principal and scope may use; else all.",
    ),
    Setting(
        variable="LAMBDASCOPE_ALLOW_UNAUTHENTICATED",
        field="allow_unauthenticated",
        read=flag,
        default="false",
        meaning=(
            "Serve beyond loopback without asking who calls: whoever reaches the port may call every allowed function."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_MAX_CONCURRENCY",
        field="max_concurrency",
        read=whole(1, 1024),
        default="64",
        meaning="Invocations in flight at once; further ones wait. Also the size of the connection pool.",
    ),
    Setting(
        variable="LAMBDASCOPE_CATALOG_TTL_S",
        field="catalog_ttl_s",
        read=number(1, 86400),
        default="300",
        meaning="Seconds between looks at which functions there are.",
    ),
    Setting(
        variable="LAMBDASCOPE_THROTTLE_BUDGET_S",
        field="throttle_budget_s",
        read=number(0, 300),
        default="5",
        meaning="Seconds one call may spend waiting to retry a throttled Invoke; 0 never retries.",
    ),
    Setting(
        variable="LAMBDASCOPE_MAX_RESULT_BYTES",
        field="max_result_bytes",
        read=whole(1024, 8_000_000),
        default="65536",
        meaning="Longest result handed to the model; the rest is kept for read_result.",
    ),
    Setting(
        variable="LAMBDASCOPE_RESULT_CACHE_MB",
        field="result_cache_mb",
        read=whole(0, 4096),
        default="16",
        meaning="Memory for results too long for the model; the oldest go first.",
    ),
    Setting(
        variable="LAMBDASCOPE_DRAIN_S",
        field="drain_s",
        read=number(0, 900),
        default="10",
        meaning="Seconds given to calls in flight at SIGTERM or at the end of stdin.",
    ),
    Setting(
        variable="LAMBDASCOPE_PROPAGATION",
        field="propagation",
        read=one_of("none", "xray", "w3c", "both"),
        default="w3c",
        meaning=(
            "Trace context sent to functions: w3c in ClientContext, xray as a header (a sampled trace then turns on "
            "X-Ray recording, which AWS bills)."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_METRICS_SERIES",
        field="metrics_series",
        read=whole(1, 100_000),
        default="2000",
        meaning="Series of one metric; values beyond them share one without attributes, and are counted.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_DIR",
        field="history_dir",
        read=text,
        default="",
        meaning="Where the history is kept; else the user's data directory.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_DAYS",
        field="history_days",
        read=whole(0, 36_500),
        default="0",
        meaning="Days of history to keep; whole older days are removed. 0 keeps all.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_MB",
        field="history_mb",
        read=whole(0, 1 << 40),
        default="0",
        meaning="Most megabytes of segments to keep; the oldest days are removed, never the newest. 0 keeps all.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_SYNC_S",
        field="history_sync_s",
        read=number(0, 3600),
        default="1",
        meaning=(
            "Seconds after which a written row is safe from a power cut (fdatasync); 0 for at once. A killed process "
            "loses no written row in any case."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_S3",
        field="history_s3",
        read=lake_location,
        default="",
        meaning="s3://bucket/prefix to which finished parts of the history are also uploaded, for many hosts together.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_S3_ENDPOINT",
        field="history_s3_endpoint",
        read=web_address,
        default="",
        meaning="URL of an S3 server for that other than AWS's; else AWS_ENDPOINT_URL_S3, as boto3 reads it.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_S3_PROFILE",
        field="history_s3_profile",
        read=text,
        default="",
        meaning="AWS profile for that; else the credentials that call the functions.",
    ),
    Setting(
        variable="LAMBDASCOPE_HISTORY_S3_KMS_KEY",
        field="history_s3_kms_key",
        read=text,
        default="",
        meaning="KMS key (id, ARN or alias/name) for the objects; else the bucket's default encryption.",
    ),
    Setting(
        variable="LAMBDASCOPE_RECORD_PAYLOADS",
        field="record_payloads",
        read=one_of("none", "redacted", "full"),
        default="none",
        meaning=(
            "Payloads sent and received that the history keeps: none, redacted (known secrets masked) or full (as they "
            "are, secrets and all)."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_RECORD_PAYLOAD_BYTES",
        field="record_payload_bytes",
        read=whole(256, 65536),
        default="16384",
        meaning="Longest payload kept by the history, if any is; longer ones are cut, and say so.",
    ),
    Setting(
        variable="LAMBDASCOPE_SCRUB_PATTERNS",
        field="scrub_patterns",
        read=text,
        default="",
        meaning="File of regular expressions, one a line, whose matches are masked wherever secrets are.",
    ),
    Setting(
        variable="LAMBDASCOPE_SQL_CONCURRENCY",
        field="sql_concurrency",
        read=whole(0, 64),
        default="2",
        meaning="Queries of query_history at once, each a process; further ones wait. 0 takes the tool away.",
    ),
    Setting(
        variable="LAMBDASCOPE_SQL_TIMEOUT_S",
        field="sql_timeout_s",
        read=number(1, 3600),
        default="30",
        meaning="Seconds a query may take before its process is killed.",
    ),
    Setting(
        variable="LAMBDASCOPE_SQL_MEMORY_MB",
        field="sql_memory_mb",
        read=whole(128, 1_000_000),
        default="1024",
        meaning="Memory DuckDB may use for one query; its process may have 1 GiB of addresses more.",
    ),
    Setting(
        variable="LAMBDASCOPE_SQL_MAX_ROWS",
        field="sql_max_rows",
        read=whole(1, 100_000),
        default="1000",
        meaning="Most rows of one answer of query_history; LAMBDASCOPE_MAX_RESULT_BYTES bounds its size.",
    ),
    Setting(
        variable="LAMBDASCOPE_MAX_SCAN_GB",
        field="max_scan_gb",
        read=number(0, 1_000_000),
        default="10",
        meaning=(
            "Most gigabytes of logs one Logs Insights query may be expected to scan, estimated from the log groups' "
            "stored bytes; a query above is refused with the figure. AWS charges about $0.005 a gigabyte."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_LOGS_TIMEOUT_S",
        field="logs_timeout_s",
        read=number(1, 3600),
        default="60",
        meaning="Seconds a Logs Insights query may take; then it is stopped and what it found by then is answered.",
    ),
    Setting(
        variable="LAMBDASCOPE_TRACE_URL",
        field="trace_url",
        read=link_template,
        default="",
        meaning="Link to a trace in your tracing system, with {trace_id} for the id; inspect_execution shows it.",
    ),
    Setting(
        variable="LAMBDASCOPE_RECONCILE_S",
        field="reconcile_s",
        read=number(0, 86_400),
        default="600",
        meaning=(
            "Seconds between looks in Logs Insights for what asynchronous calls took and cost, while there are such "
            "calls; 0 never looks. `lambdascope history reconcile` looks at once."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_BUDGET_SESSION_USD",
        field="budget_session_usd",
        read=amount,
        default="",
        meaning="Dollars that one session may spend; without sessions, one principal in a day. Empty: no limit.",
    ),
    Setting(
        variable="LAMBDASCOPE_BUDGET_SESSION_S",
        field="budget_session_s",
        read=amount,
        default="",
        meaning="Call seconds that one session may spend; without sessions, one principal in a day. Empty: no limit.",
    ),
    Setting(
        variable="LAMBDASCOPE_BUDGET_PRINCIPAL_DAY_USD",
        field="budget_principal_day_usd",
        read=amount,
        default="",
        meaning="Dollars that one principal may spend in a day (UTC). Empty: no limit.",
    ),
    Setting(
        variable="LAMBDASCOPE_BUDGET_PRINCIPAL_DAY_S",
        field="budget_principal_day_s",
        read=amount,
        default="",
        meaning="Call seconds that one principal may spend in a day (UTC). Empty: no limit.",
    ),
    Setting(
        variable="LAMBDASCOPE_BUDGET_DAY_USD",
        field="budget_day_usd",
        read=amount,
        default="",
        meaning="Dollars that all calls on this machine may spend in a day (UTC). Empty: no limit.",
    ),
    Setting(
        variable="LAMBDASCOPE_BUDGET_DAY_S",
        field="budget_day_s",
        read=amount,
        default="",
        meaning="Call seconds that all calls on this machine may spend in a day (UTC). Empty: no limit.",
    ),
    Setting(
        variable="LAMBDASCOPE_BUDGET_MONTH_USD",
        field="budget_month_usd",
        read=amount,
        default="",
        meaning="Dollars that all calls on this machine may spend in a month (UTC). Empty: no limit.",
    ),
    Setting(
        variable="LAMBDASCOPE_BUDGET_MONTH_S",
        field="budget_month_s",
        read=amount,
        default="",
        meaning="Call seconds that all calls on this machine may spend in a month (UTC). Empty: no limit.",
    ),
    Setting(
        variable="LAMBDASCOPE_BUDGET_WARN_SHARE",
        field="budget_warn_share",
        read=share,
        default="0.8",
        meaning="Share of a budget from which answers, the log and a metric warn.",
    ),
    Setting(
        variable="LAMBDASCOPE_APPROVE",
        field="approve",
        read=one_of("never", "destructive", "always"),
        default="never",
        meaning="Calls that a person has to approve first, through the client: never, destructive tools' or always.",
    ),
    Setting(
        variable="LAMBDASCOPE_APPROVE_TOOLS",
        field="approve_tools",
        read=names,
        default="",
        meaning="Globs of tools and functions that need approval whatever LAMBDASCOPE_APPROVE says, comma-separated.",
    ),
    Setting(
        variable="LAMBDASCOPE_PIN_TOOLS",
        field="pin_tools",
        read=one_of("off", "report", "hold"),
        default="report",
        meaning="A tool of another server that changed or is new: off, report it, or hold it until it is approved.",
    ),
    Setting(
        variable="LOG_LEVEL",
        field="log_level",
        read=one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        default="WARNING",
        meaning="Least severe log line written to stderr.",
    ),
    Setting(
        variable="LAMBDASCOPE_SLOW_CALL_MS",
        field="slow_call_ms",
        read=whole(0, 1_000_000),
        default="10000",
        meaning="A call that takes longer has a log line with its clocks; 0 never.",
    ),
    Setting(
        variable="LAMBDASCOPE_LOG_FORMAT",
        field="log_format",
        read=one_of("auto", "json", "text"),
        default="auto",
        meaning="Form of log lines: json, text, or auto: text on a terminal, json elsewhere.",
    ),
    Setting(
        variable="LAMBDASCOPE_RATE_LIMIT_PRINCIPAL",
        field="rate_limit_principal",
        read=rates,
        default="",
        meaning="Calls each principal may make, such as `100/minute; 10/second`, in moving windows; none: any.",
    ),
    Setting(
        variable="LAMBDASCOPE_RATE_LIMIT_SESSION",
        field="rate_limit_session",
        read=rates,
        default="",
        meaning="The same for each session of a principal.",
    ),
    Setting(
        variable="LAMBDASCOPE_RATE_LIMIT_TOOL",
        field="rate_limit_tool",
        read=rates,
        default="",
        meaning="The same for each tool, or function, all callers together.",
    ),
    Setting(
        variable="LAMBDASCOPE_CONCURRENT_PRINCIPAL",
        field="concurrent_principal",
        read=whole(0, 10_000),
        default="0",
        meaning=(
            "Calls of a principal in flight at once that leave this proxy; further ones wait for a while. 0 for any."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_CONCURRENT_TOOL",
        field="concurrent_tool",
        read=whole(0, 10_000),
        default="0",
        meaning="The same for each tool, or function, all callers together.",
    ),
    Setting(
        variable="LAMBDASCOPE_CONCURRENT_WAIT_S",
        field="concurrent_wait_s",
        read=number(0, 300),
        default="5",
        meaning="Seconds a call may wait for one of these places before it is refused; 0 refuses at once.",
    ),
    Setting(
        variable="LAMBDASCOPE_CALL_TIMEOUT_S",
        field="call_timeout_s",
        read=number(0, 3600),
        default="0",
        meaning=(
            "Seconds a function or another server may take to answer, each attempt; 0 leaves it to their own limits."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_BREAKER_FAILURES",
        field="breaker_failures",
        read=whole(0, 1000),
        default="0",
        meaning=("Failures in a row after which calls of that function or upstream are refused for a while; 0 never."),
    ),
    Setting(
        variable="LAMBDASCOPE_BREAKER_OPEN_S",
        field="breaker_open_s",
        read=number(0.1, 3600),
        default="30",
        meaning="Seconds they are refused; then one call at a time tries whether it works again.",
    ),
    Setting(
        variable="LAMBDASCOPE_RETRY_ATTEMPTS",
        field="retry_attempts",
        read=whole(0, 10),
        default="0",
        meaning=(
            "Further attempts at a call that found nobody, got no answer or was throttled, if its tool is "
            "idempotent; 0 for none."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_RETRY_BUDGET_S",
        field="retry_budget_s",
        read=number(0, 600),
        default="30",
        meaning="Seconds after the first attempt in which another may begin.",
    ),
    Setting(
        variable="LAMBDASCOPE_IDEMPOTENT_FUNCTIONS",
        field="idempotent_functions",
        read=names,
        default="",
        meaning=(
            "Functions that may run twice for one call, comma-separated patterns such as `orders-*`: only these "
            "are retried."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_READ_ONLY_FUNCTIONS",
        field="read_only_functions",
        read=names,
        default="",
        meaning="Functions that only read, as patterns: these are retried too, and their results may be kept.",
    ),
    Setting(
        variable="LAMBDASCOPE_CACHE_TTL_S",
        field="cache_ttl_s",
        read=number(0, 86_400),
        default="0",
        meaning=(
            "Seconds for which results of tools that only read are kept and given again to the same principal; 0 "
            "keeps none."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_CACHE_MB",
        field="cache_mb",
        read=whole(1, 4096),
        default="16",
        meaning="Memory for these results; those unused for longest go first.",
    ),
    Setting(
        variable="LAMBDASCOPE_MAX_ARGUMENT_BYTES",
        field="max_argument_bytes",
        read=whole(0, 1 << 30),
        default="0",
        meaning=("Longest arguments, as JSON, of a call that leaves this proxy; 0 for any that the other side takes."),
    ),
    Setting(
        variable="LAMBDASCOPE_UPSTREAM_RESULT_BYTES",
        field="upstream_result_bytes",
        read=whole(0, 1 << 30),
        default="0",
        meaning=(
            "Longest result of another server handed on; the rest is kept for read_result. 0 hands on all, as it came."
        ),
    ),
    Setting(
        variable="LAMBDASCOPE_MAX_UPSTREAM_BYTES",
        field="max_upstream_bytes",
        read=whole(1_000, 1 << 30),
        default="20000000",
        meaning="Longest answer taken from another server; a call with a longer one fails before memory is filled.",
    ),
)

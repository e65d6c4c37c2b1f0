"""The whole proxy as it is built: what building does not do, the order of the steps, and the records of a call."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.directories import default_directory
from lambdascope_proxy.account_wiring import build_catalogs, build_places, selection_of
from lambdascope_proxy.answer import answer_of
from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.call import Caller, begin_call
from lambdascope_proxy.errors import CallFailed, SettingsError
from lambdascope_proxy.local import LocalAws, LocalRole
from lambdascope_proxy.local.demo import demo_functions
from lambdascope_proxy.selection import Selection
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.threads import Threads
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.wiring import Proxy, build_proxy, history_directory, scrubber_of

pytestmark = pytest.mark.anyio
ProxyOf = Callable[..., Proxy]


async def made(proxy: Proxy, tool: str, **arguments: Any) -> Mapping[str, Any]:
    """Makes one call as the server would; gives the structured answer."""
    call = begin_call(await proxy.toolbox.find(tool), arguments, Caller(transport="cli"), 0)
    return answer_of(call, await proxy.pipeline(call)).structured


def recorded(proxy: Proxy) -> list[dict[str, Any]]:
    assert proxy.history.flush(20)
    with open_history(proxy.history_directory) as history:
        return history.query("SELECT * FROM calls ORDER BY call_id")


@pytest.mark.usefixtures("in_script")
async def test_each_read_of_the_functions_is_a_span_that_is_red_without_words_when_it_failed(
    scripted: Any, clients: Clients, tracing: Any
) -> None:
    # In the background each of its requests would otherwise be a trace of its own.
    settings = load_settings({"FUNCTION_PREFIX": "demo-", "LAMBDASCOPE_REGIONS": "*"})
    catalogs = build_catalogs(settings, build_places(settings, clients), Threads(1), tracing.tracer)
    scripted.will_answer(body=b'{"Functions": []}')
    await catalogs.home.snapshot()
    scripted.will_refuse(403, "AccessDeniedException", "arn:aws:iam::123456789012:user/ada is not authorized")
    with pytest.raises(CallFailed):
        await catalogs.snapshot("eu-west-1")
    read, refused = tracing.finished()
    assert (read["name"], read["status"], read["attributes"]) == ("read functions", "UNSET", {})
    assert (refused["name"], refused["status"], refused["description"]) == ("read functions", "ERROR", None)
    assert refused["attributes"] == {"cloud.region": "eu-west-1", "error.type": "AccessDeniedException"}
    assert refused["events"] == []


def test_building_reads_no_file_makes_none_and_calls_nobody(
    enter: Callable[[Mapping[str, str]], None], tmp_path: Path
) -> None:
    # What is wrong with AWS or the disk is told by the call that meets it, and start-up waits for neither.
    enter({})
    environ = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_PROFILE": "nobody",
        "FUNCTION_PREFIX": "demo-",
        "LAMBDASCOPE_HISTORY_DIR": str(tmp_path / "history"),
    }
    proxy = build_proxy(load_settings(environ), environ)
    proxy.close()
    assert list(tmp_path.iterdir()) == []
    assert proxy.catalog.known is None


async def test_a_call_is_answered_traced_and_recorded_alike(proxy_of: ProxyOf) -> None:
    proxy = proxy_of()
    answer = await made(proxy, "invoke_function", function_name="demo-order-status", payload={"order_id": 1001})
    await proxy.http.aclose()
    (row,) = recorded(proxy)
    assert answer["outcome"] == "ok"
    same = ("trace_id", "request_id", "function_name", "outcome", "duration_ms", "billed_ms", "init_ms", "memory_mb")
    assert {name: answer[name] for name in same} == {name: row[name] for name in same}
    assert (answer["call_id"], answer["cost_usd"]) == (str(row["call_id"]), f"{row['cost_usd']:f}")
    assert row["architecture"] == "arm64"


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [
        ({"function_name": "payroll"}, "refused"),
        ({"function_name": "demo-none"}, "not_found"),
        ({"function_name": 7}, "invalid_arguments"),
        ({"function_name": "demo-order-status", "payload": {"order": 1}}, "invalid_arguments"),
        ({"function_name": "demo-charge-card", "payload": "x" * 7_000_000}, "payload_too_large"),
    ],
)
async def test_a_call_that_is_turned_away_is_recorded_too_and_nothing_runs(
    proxy_of: ProxyOf, shop: Any, arguments: dict[str, Any], outcome: str
) -> None:
    before = sum(shop.executions(name) for name in ("demo-order-status", "demo-charge-card"))
    proxy = proxy_of()
    answer = await made(proxy, "invoke_function", **arguments)
    (row,) = recorded(proxy)
    assert (answer["outcome"], row["outcome"], row["cost_usd"]) == (outcome, outcome, None)
    assert row["trace_id"] == answer["trace_id"]
    assert sum(shop.executions(name) for name in ("demo-order-status", "demo-charge-card")) == before


async def test_a_tool_of_our_own_is_recorded_without_a_cost(proxy_of: ProxyOf) -> None:
    proxy = proxy_of()
    answer = await made(proxy, "list_functions")
    (row,) = recorded(proxy)
    assert len(answer["functions"]) == 8
    assert (row["tool_name"], row["target"], row["outcome"], row["cost_source"]) == (
        "list_functions",
        "self",
        "ok",
        "none",
    )


@pytest.mark.parametrize(
    ("expose", "has_generic", "has_functions"),
    [("generic", True, False), ("functions", False, True), ("both", True, True)],
)
async def test_the_tools_on_offer_are_those_of_the_setting(
    proxy_of: ProxyOf, expose: str, has_generic: bool, has_functions: bool
) -> None:
    names = {tool.spec.name for tool in await proxy_of(LAMBDASCOPE_EXPOSE=expose).toolbox.list()}
    assert ({"list_functions", "get_function_schema", "invoke_function"} <= names) is has_generic
    assert ("demo-order-status" in names) is has_functions
    assert "read_result" in names  # a long result can always be read on


async def test_what_aws_refuses_while_functions_are_read_is_a_failure_with_a_next_step(
    proxy_of: ProxyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9")
    with pytest.raises(CallFailed, match="while reading the functions") as failed:
        await proxy_of().catalog.snapshot()
    assert failed.value.kind.value == "transport_error"
    assert failed.value.failure.hint


ROLE = "arn:aws:iam::222222222222:role/reader"


@pytest.fixture
def in_two_accounts(enter: Callable[[Mapping[str, str]], None]) -> Iterator[LocalAws]:
    """The demo's functions at home, in another region, and in another account."""
    with LocalAws(demo_functions(), roles=[LocalRole(arn=ROLE)]) as aws:
        for place in ({"region": "eu-west-1"}, {"account_id": "222222222222"}):
            aws.deploy(demo_functions(), **place)
        enter(aws.environment())
        yield aws


async def test_a_call_goes_to_the_region_and_account_it_names_and_is_recorded_there(
    proxy_of: ProxyOf, in_two_accounts: LocalAws
) -> None:
    proxy = proxy_of(LAMBDASCOPE_REGIONS="*", LAMBDASCOPE_ROLE_ARNS=ROLE, FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY="")
    async with aclosing(proxy):
        for name in ("demo-create-order", "eu-west-1:demo-create-order", "222222222222:us-east-1:demo-create-order"):
            await made(proxy, "invoke_function", function_name=name, invocation_type="DryRun")
    rows = recorded(proxy)
    assert [(row["outcome"], row["function_name"], row["region"], row["account_id"]) for row in rows] == [
        ("invalid_arguments", "demo-create-order", None, None),
        ("dry_run", "demo-create-order", "eu-west-1", "123456789012"),
        ("dry_run", "demo-create-order", "us-east-1", "222222222222"),
    ]
    assert rows[0]["error_type"] == "AmbiguousFunction"


async def test_a_region_that_does_not_exist_is_settled_before_anything_is_asked(proxy_of: ProxyOf) -> None:
    with pytest.raises(CallFailed, match="There is no AWS region 'us-east-9'"):
        await proxy_of().catalogs.snapshot("us-east-9")


async def test_a_role_in_the_account_of_the_credentials_is_known_for_one_once_the_functions_are_read(
    proxy_of: ProxyOf, in_two_accounts: LocalAws
) -> None:
    proxy = proxy_of(LAMBDASCOPE_ROLE_ARNS=ROLE.replace("222222222222", "123456789012"))
    function = await proxy.catalogs.find("demo-create-order")
    assert proxy.places.clients(function.place) is proxy.clients


async def test_a_setting_that_hides_the_region_is_told_where_a_region_is_needed(
    proxy_of: ProxyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    proxy = proxy_of(AWS_REGION="", LAMBDASCOPE_ROLE_ARNS=ROLE)
    with pytest.raises(CallFailed) as failed:
        await proxy.catalogs.find("demo-create-order")
    assert failed.value.failure.error_type == "NoRegion"


def test_the_history_is_where_the_setting_says_else_with_the_users_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings({})
    assert history_directory(settings) == default_directory()
    assert history_directory(replace(settings, history_dir="~/calls")) == tmp_path / "calls"


def test_the_allow_list_is_made_of_all_its_settings() -> None:
    environ = {
        "FUNCTION_PREFIX": "a",
        "FUNCTION_LIST": "b,c",
        "FUNCTION_TAG_KEY": "k",
        "FUNCTION_TAG_VALUE": "v",
        "LAMBDASCOPE_ALLOW_ALL_FUNCTIONS": "true",
    }
    assert selection_of(load_settings(environ)) == Selection(
        prefix="a", names=frozenset({"b", "c"}), tag_key="k", tag_value="v", allow_all=True
    )
    assert selection_of(load_settings({})).is_empty


HUNTER = {"order_id": 1001, "note": "password=hunter2", "api_key": [{"k": "hunter2"}]}


async def paid_for(proxy: Proxy) -> dict[str, Any]:
    """The row of one call whose request holds secrets; the answer has none."""
    await made(proxy, "invoke_function", function_name="demo-shipping-quote", payload={"country": "FR", **HUNTER})
    await proxy.http.aclose()
    return recorded(proxy)[-1]


async def test_payloads_are_not_recorded_unless_that_is_asked_for(proxy_of: ProxyOf) -> None:
    row = await paid_for(proxy_of())
    assert (row["request_payload"], row["response_payload"]) == (None, None)
    assert row["request_bytes"] > 0


async def test_recorded_payloads_have_their_secrets_masked_and_are_json(proxy_of: ProxyOf) -> None:
    row = await paid_for(proxy_of(LAMBDASCOPE_RECORD_PAYLOADS="redacted"))
    assert row["outcome"] in {"ok", "function_error"}
    sent = json.loads(row["request_payload"])
    assert sent == {"country": "FR", "order_id": 1001, "note": "password=[masked]", "api_key": "[masked]"}
    assert len(row["response_payload"]) == row["response_bytes"]
    json.loads(row["response_payload"])


async def test_full_payloads_are_recorded_as_they_are_and_a_warning_says_so(
    proxy_of: ProxyOf, caplog: pytest.LogCaptureFixture
) -> None:
    proxy = proxy_of(LAMBDASCOPE_RECORD_PAYLOADS="full", LAMBDASCOPE_RECORD_PAYLOAD_BYTES="256")
    assert "LAMBDASCOPE_RECORD_PAYLOADS=full" in caplog.text
    await made(proxy, "invoke_function", function_name="demo-shipping-quote", payload={"country": "x" * 10_000})
    row = await paid_for(proxy)
    assert json.loads(row["request_payload"]) == {"country": "FR", **HUNTER}
    long = recorded(proxy)[0]["request_payload"]
    assert len(long) <= 256
    assert "[cut: the whole has " in json.loads(long)["country"]


@pytest.mark.parametrize("mode", ["redacted", "full"])
@pytest.mark.parametrize("name", ["payroll", "demo-none", "demo-order-status"])
async def test_of_a_call_that_never_left_no_payload_is_recorded(proxy_of: ProxyOf, name: str, mode: str) -> None:
    """Nobody received it; and a call may have been refused for just what is in it."""
    proxy = proxy_of(LAMBDASCOPE_RECORD_PAYLOADS=mode)
    answer = await made(proxy, "invoke_function", function_name=name, payload={"order": "hunter2"})
    assert answer["outcome"] in {"refused", "not_found", "invalid_arguments"}
    (row,) = recorded(proxy)
    assert (row["request_payload"], row["response_payload"]) == (None, None)


async def test_what_a_failing_function_answers_is_recorded_masked_with_the_operators_patterns_too(
    proxy_of: ProxyOf, tmp_path: Path
) -> None:
    patterns = tmp_path / "patterns.txt"
    patterns.write_text("(?i)insufficient \\w+\n", encoding="utf-8")
    settings = {"LAMBDASCOPE_RECORD_PAYLOADS": "redacted", "LAMBDASCOPE_SCRUB_PATTERNS": str(patterns)}
    proxy = proxy_of(**settings)
    await made(proxy, "invoke_function", function_name="demo-charge-card", payload={"order_id": 1005})
    await proxy.http.aclose()
    (row,) = recorded(proxy)
    assert row["outcome"] == "function_error"
    answered = json.loads(row["response_payload"])
    assert set(answered) >= {"errorType", "errorMessage"}
    assert answered["errorMessage"] == row["error_message"] == "order 1005: [masked]"


def test_a_bad_scrub_pattern_stops_the_start_and_is_named(tmp_path: Path) -> None:
    patterns = tmp_path / "patterns.txt"
    patterns.write_text("fine\n(unclosed\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"LAMBDASCOPE_SCRUB_PATTERNS: .*patterns\.txt, line 2: '\(unclosed'"):
        build_proxy(load_settings({"LAMBDASCOPE_SCRUB_PATTERNS": str(patterns)}), {})


def test_debug_lines_are_our_own_and_not_those_that_show_tokens_and_payloads() -> None:
    # At DEBUG botocore writes the session token of every request it signs.
    program = (
        "import logging\n"
        "from lambdascope_proxy.log_lines import set_up_logging\n"
        "set_up_logging('DEBUG')\n"
        "logging.getLogger('botocore.auth').debug('a token')\n"
        "logging.getLogger('mcp.server').debug('a payload')\n"
        "logging.getLogger('lambdascope_proxy.catalog').debug('one of ours, token=hunter2')\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "one of ours" in ran.stderr
    assert "a token" not in ran.stderr
    assert "hunter2" not in ran.stderr
    assert "a payload" not in ran.stderr


async def test_the_monitoring_side_is_made_when_tools_are_first_asked_for(proxy_of: ProxyOf) -> None:
    """Its modules take time to load, which the first answer of a proxy need not wait for."""
    proxy = proxy_of()
    assert proxy.monitoring.made is None
    names = [tool.spec.name for tool in await proxy.toolbox.list()]
    first = names.index("monitor_executions")
    assert names[first : first + 4] == ["monitor_executions", "monitor_fleet", "query_logs", "inspect_execution"]
    assert proxy.monitoring.made is not None
    await proxy.aclose()


def test_what_upstreams_are_reached_with_is_masked_in_all_that_is_written() -> None:
    """A token of no known form that a server repeats stood in its error message, its row and the log."""
    upstream = Upstream(name="a", url="https://a.example/mcp", headers={"Authorization": "Bearer opaque-value"})
    scrub = scrubber_of(replace(load_settings({}), upstreams=(upstream,))).text
    assert scrub("unauthorized: opaque-value") == "unauthorized: [masked]"

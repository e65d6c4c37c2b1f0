"""The checks behind `doctor`, against the demo's account and against what is missing."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.store.drops import DropLedger
from lambdascope_proxy.checkup import Finding, examine
from lambdascope_proxy.local import LocalAws, LocalFunction, LocalRole, LocalSchema
from lambdascope_proxy.local.demo import demo_functions
from lambdascope_proxy.wiring import Proxy

ProxyOf = Callable[..., Proxy]
Enter = Callable[[Mapping[str, str]], None]


def by_subject(proxy: Proxy, **environ: str) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(proxy, environ)}


def statuses(found: Mapping[str, Finding]) -> dict[str, str]:
    return {subject: finding.status for subject, finding in found.items()}


def test_all_is_well_where_all_is_in_place(proxy_of: ProxyOf) -> None:
    found = by_subject(proxy_of())
    assert set(statuses(found).values()) == {"ok"}
    assert list(found) == [
        "region",
        "credentials",
        "functions",
        "permission tag:GetResources",
        "permission lambda:InvokeFunction",
        "input schemas",
        "permission cloudwatch:GetMetricData",
        "permission logs:StartQuery",
        "history",
        "dropped rows",
        "history upkeep",
        "monitoring spend today",
        "telemetry",
    ]
    assert found["region"].detail == "us-east-1"
    assert "arn:aws:" in found["credentials"].detail
    assert found["functions"].detail.startswith("8 may be called: demo-charge-card, ")
    assert found["input schemas"].detail.startswith("2 functions have one; read arn:aws:schemas:")


def test_looking_runs_no_function(proxy_of: ProxyOf, shop: Any) -> None:
    before = {name: shop.executions(name) for name in ("demo-charge-card", "demo-create-order")}
    by_subject(proxy_of())
    assert {name: shop.executions(name) for name in before} == before


def test_nothing_allowed_fails_and_says_which_settings_would_allow(proxy_of: ProxyOf) -> None:
    found = by_subject(proxy_of(FUNCTION_PREFIX=""))
    assert found["functions"].status == "fail"
    assert "FUNCTION_PREFIX" in found["functions"].next_step
    assert found["history"].status == "ok"  # the rest is still looked at


def test_an_allow_list_that_matches_nothing_fails(proxy_of: ProxyOf) -> None:
    found = by_subject(proxy_of(FUNCTION_PREFIX="nothing-"))
    assert (found["functions"].status, "permission lambda:InvokeFunction" in found) == ("fail", False)
    assert "FUNCTION_PREFIX=nothing-" in found["functions"].detail


def test_without_credentials_only_what_needs_none_is_looked_at(
    proxy_of: ProxyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    found = by_subject(proxy_of())
    assert (found["region"].status, found["credentials"].status) == ("ok", "fail")
    assert found["credentials"].next_step
    assert "functions" not in found
    assert found["history"].status == "ok"


def test_without_a_region_the_setting_is_named(proxy_of: ProxyOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    found = by_subject(proxy_of(AWS_REGION=""))
    assert (found["region"].status, found["credentials"].status) == ("fail", "fail")
    assert found["region"].next_step == "Set AWS_REGION."


def test_a_profile_that_does_not_exist_is_a_finding_and_no_traceback(
    proxy_of: ProxyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    found = by_subject(proxy_of())
    assert found["region"].status == "fail"
    assert "nobody" in found["region"].detail


def test_a_missing_permission_is_told_and_those_that_only_help_are_warnings(
    proxy_of: ProxyOf, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API", scripted.url)
    for _ in range(2):
        scripted.will_refuse(400, "AccessDeniedException", "not authorized to perform tag:GetResources")
    found = by_subject(proxy_of())
    tags = found["permission tag:GetResources"]
    assert (tags.status, found["functions"].status) == ("warn", "ok")  # tags are read one by one instead
    assert "permission" in tags.next_step


def test_an_endpoint_that_is_no_url_is_a_finding_that_names_its_setting(
    proxy_of: ProxyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "localhost:4566")
    found = by_subject(proxy_of())["functions"]
    assert (found.status, "localhost:4566" in found.detail, "AWS_ENDPOINT_URL" in found.next_step) == (
        "fail",
        True,
        True,
    )


def test_the_dry_run_is_made_by_the_client_that_serves(
    proxy_of: ProxyOf, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # boto3's may get through a proxy, or trust a certificate, where that one does not.
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", scripted.url)
    arn = "arn:aws:lambda:us-east-1:123456789012:function:orders"
    for status, outcome in ((204, "ok"), (403, "fail")):
        scripted.will_answer(body=json.dumps({"FunctionName": "orders", "FunctionArn": arn}).encode())
        scripted.will_answer(status=status, body=b"")
        settings = {"FUNCTION_PREFIX": "", "FUNCTION_LIST": "orders", "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": ""}
        found = by_subject(proxy_of(**settings))
        sent = scripted.requests[-1]
        assert (sent.headers["x-amz-invocation-type"], sent.body) == ("DryRun", b"")
        assert sent.headers["user-agent"].endswith(" lambdascope")
        assert found["permission lambda:InvokeFunction"].status == outcome


def test_an_unwritable_history_is_a_warning_because_calls_go_on(proxy_of: ProxyOf, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file in the way")
    found = by_subject(proxy_of(LAMBDASCOPE_HISTORY_DIR=str(tmp_path / "taken")))
    assert found["history"].status == "warn"
    assert "LAMBDASCOPE_HISTORY_DIR" in found["history"].next_step
    assert str(tmp_path / "taken") in found["history"].detail


def test_looking_leaves_nothing_behind_in_the_history(proxy_of: ProxyOf, tmp_path: Path) -> None:
    by_subject(proxy_of())
    assert list((tmp_path / "history").iterdir()) == []
    assert (tmp_path / "history").stat().st_mode & 0o077 == 0


def test_rows_that_were_dropped_are_counted(proxy_of: ProxyOf, tmp_path: Path) -> None:
    for writer, count in (("one", 2), ("two", 5)):
        DropLedger(tmp_path / "history", writer).record({"queue_full": count}, at=datetime.now(UTC))
    found = by_subject(proxy_of())
    assert (found["dropped rows"].status, found["dropped rows"].detail) == ("warn", "7 calls were not recorded")


def test_where_spans_go_is_told(proxy_of: ProxyOf, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = proxy_of(FUNCTION_PREFIX="")
    assert by_subject(proxy)["telemetry"].detail == "off: OTEL_EXPORTER_OTLP_ENDPOINT is not set"
    # Not opened for real: that instruments botocore for the whole run.
    on = replace(proxy, telemetry=replace(proxy.telemetry, signals=("traces",)))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    found = by_subject(on, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert found["telemetry"].detail == "traces go to http://127.0.0.1:9 (http/protobuf): nobody listens there"


def test_without_the_schema_tag_payloads_are_said_to_be_unchecked(proxy_of: ProxyOf) -> None:
    assert (
        "payloads are not checked" in by_subject(proxy_of(FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY=""))["input schemas"].detail
    )
    nobody = by_subject(proxy_of(FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY="other"))["input schemas"]
    assert (nobody.status, nobody.detail) == ("warn", "no function has the tag other")


def test_a_schema_that_cannot_be_used_is_a_finding_and_no_traceback(
    proxy_of: ProxyOf, enter: Enter, tmp_path: Path
) -> None:
    arn = "arn:aws:schemas:us-east-1:123456789012:schema/shop/Broken"
    function = LocalFunction(name="demo-broken", code=tmp_path, tags={"schema": arn})
    schema = LocalSchema(registry="shop", name="Broken", versions={"1": ("JSONSchemaDraft4", json.dumps({"type": 7}))})
    with LocalAws([function], [schema]) as aws:
        enter(aws.environment())
        found = by_subject(proxy_of(FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY="schema"))
    assert found["input schemas"].status == "warn"
    assert "not valid" in found["input schemas"].detail


def test_the_environment_of_the_test_is_the_demos(proxy_of: ProxyOf, shop: LocalAws) -> None:
    # Were it the developer's own account, every test above would ask that.
    assert os.environ["AWS_ENDPOINT_URL"] == shop.endpoint_url


def test_each_account_behind_a_role_is_entered_and_one_that_cannot_be_says_what_to_check(
    proxy_of: ProxyOf, enter: Enter, in_two_accounts: LocalAws
) -> None:
    roles = "arn:aws:iam::222222222222:role/reader,arn:aws:iam::333333333333:role/gone"
    found = by_subject(proxy_of(LAMBDASCOPE_ROLE_ARNS=roles, FUNCTION_PREFIX="", FUNCTION_LIST="demo-order-status"))
    entered, gone = found["account 222222222222"], found["account 333333333333"]
    assert (entered.status, gone.status) == ("ok", "fail")
    assert entered.detail == (
        "as arn:aws:sts::222222222222:assumed-role/reader/lambdascope: 1 may be called: demo-order-status"
    )
    assert "assuming arn:aws:iam::333333333333:role/gone (sts:AssumeRole)" in gone.detail
    assert "LAMBDASCOPE_ROLE_ARNS" in gone.next_step


@pytest.fixture
def in_two_accounts(enter: Enter) -> Iterator[LocalAws]:
    """The demo's functions at home and in another account."""
    with LocalAws(demo_functions(), roles=[LocalRole(arn="arn:aws:iam::222222222222:role/reader")]) as aws:
        aws.deploy(demo_functions(), account_id="222222222222")
        enter(aws.environment())
        yield aws

"""The Collector's files against the proxy they serve. That the Collector accepts them, `make stack` says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from stack.binaries import BUILDER_FILE
from stack.checks import NOT_VALIDATED
from stack.places import COLLECTOR_FILE, COLLECTOR_OPTIONS, ROOT

from lambdascope_proxy import names
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.telemetry.metric_table import METRICS

OPTIONS = sorted(COLLECTOR_OPTIONS.glob("*.yaml"))
SECRETS = {
    "AKIAIOSFODNN7EXAMPLE": "****",
    "Authorization: Bearer abcdefgh.ijkl": "Authorization: ****",
    "https://user:pw@host/x": "https****host/x",
    "mail ada@example.com now": "mail **** now",
    "ghp_0123456789abcdefghij": "****",
    "sk-ant-0123456789abcdefghijk": "****",
}
HARMLESS = (
    "tools/call invoke_function",
    "demo-order-status",
    "arn:aws:lambda:eu-west-1:123456789012:function:demo:live",
    "01a20339-9102-7ead-b602-67203483498f",
    "basic auth is not used",
    "https://example.com/a?b=c",
)


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def component_names(config: dict[str, Any], kind: str) -> set[str]:
    return {name.split("/")[0] for name in config.get(kind, {})}


MAIN = read(COLLECTOR_FILE)


def policies() -> dict[str, dict[str, Any]]:
    return {policy["name"]: policy for policy in MAIN["processors"]["tail_sampling"]["policies"]}


def test_every_failed_outcome_is_kept_and_no_other() -> None:
    kept = policies()["failed outcomes"]["string_attribute"]
    assert kept["key"] == names.OUTCOME
    assert set(kept["values"]) == {kind.value for kind in OutcomeKind if kind.is_failure}


def test_cold_starts_are_kept_by_the_attribute_that_spans_have() -> None:
    assert policies()["cold starts"]["boolean_attribute"]["key"] == names.INVOCATION_ATTRIBUTES["cold_start"]


@pytest.mark.parametrize("pipeline", MAIN["service"]["pipelines"])
def test_memory_is_limited_first_and_secrets_are_masked_in_every_pipeline(pipeline: str) -> None:
    processors = MAIN["service"]["pipelines"][pipeline]["processors"]
    assert processors[0] == "memory_limiter"
    assert "redaction" in processors
    assert "batch" not in processors


@pytest.mark.parametrize("path", OPTIONS, ids=lambda path: path.name)
def test_a_pipeline_that_an_option_adds_masks_and_limits_as_well(path: Path) -> None:
    added = {name: each for name, each in read(path)["service"]["pipelines"].items() if "receivers" in each}
    for pipeline in added.values():
        assert pipeline["processors"] == MAIN["service"]["pipelines"]["metrics"]["processors"]


def test_nothing_listens_beyond_loopback_unless_it_is_told_to() -> None:
    text = COLLECTOR_FILE.read_text(encoding="utf-8")
    listening = re.findall(r"\$\{env:COLLECTOR_\w+(?:LISTEN|HOST):-([^}]*)\}", text)
    assert len(listening) == 5
    assert all(address.startswith("127.0.0.1") for address in listening)


@pytest.mark.parametrize("path", [COLLECTOR_FILE, *OPTIONS], ids=lambda path: path.name)
def test_the_collector_that_validates_the_files_has_their_components(path: Path) -> None:
    # otlp_grpc, otlp_http and prometheus_remote_write are newer names than those of their modules.
    older = {"otlp_grpc": "otlp", "otlp_http": "otlphttp", "prometheus_remote_write": "prometheusremotewrite"}
    for kind, entries in read(BUILDER_FILE).items():
        if kind == "dist":
            continue
        modules = {entry["gomod"].rsplit("/", 1)[1].split(" ")[0] for entry in entries}
        for name in component_names(read(path), kind):
            module = older.get(name, name).replace("_", "") + kind.removesuffix("s")
            assert (module in modules) is (path.name not in NOT_VALIDATED), module


def masked(text: str) -> str:
    for pattern in MAIN["processors"]["redaction"]["blocked_values"]:
        text = re.sub(pattern, "****", text)
    return text


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_masked(secret: str) -> None:
    assert masked(secret) == SECRETS[secret]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked(text) == text


def test_lists_and_maps_are_looked_through() -> None:
    # Without it the redaction processor looks at texts only.
    assert MAIN["processors"]["redaction"]["redact_all_types"] is True


def our_attributes() -> Iterator[str]:
    yield from names.INVOCATION_ATTRIBUTES.values()
    yield from (value for value in vars(names).values() if isinstance(value, str) and "." in value and " " not in value)


def test_no_attribute_of_ours_is_masked_by_its_name() -> None:
    # A pattern such as "token" anywhere would blank whole columns of every dashboard.
    patterns = [re.compile(pattern) for pattern in MAIN["processors"]["redaction"]["blocked_key_patterns"]]
    assert [name for name in our_attributes() for pattern in patterns if pattern.search(name)] == []


@pytest.mark.parametrize(
    "key",
    [
        *("password", "db.password", "dbPassword", "passwordHash", "db_passwd", "PASSPHRASE"),
        *("token", "auth.token", "accessToken", "aws.session_token", "X-Amz-Security-Token"),
        *("http.request.header.authorization", "db.api_key", "apiKey", "stripeApiKey", "client_secret", "clientSecret"),
    ],
)
def test_keys_that_name_a_secret_are_masked(key: str) -> None:
    assert any(re.search(pattern, key) for pattern in MAIN["processors"]["redaction"]["blocked_key_patterns"])


@pytest.mark.parametrize("key", ["gen_ai.usage.input_tokens", "token_count", "secretary", "session.id", "key", "pass"])
def test_keys_that_only_look_like_a_secrets_stay(key: str) -> None:
    assert not any(re.search(pattern, key) for pattern in MAIN["processors"]["redaction"]["blocked_key_patterns"])


def test_metrics_chosen_for_cloudwatch_are_ones_that_exist() -> None:
    declarations = read(COLLECTOR_OPTIONS / "emf.yaml")["exporters"]["awsemf"]["metric_declarations"]
    for declaration in declarations:
        for selector in declaration["metric_name_selectors"]:
            chosen = [metric for metric in METRICS if re.search(selector, metric.name)]
            assert chosen, selector
            for metric in chosen:
                assert all(set(dimensions) <= set(metric.attributes) for dimensions in declaration["dimensions"])


def test_the_page_explains_every_variable_and_every_option() -> None:
    page = (ROOT / "docs" / "collector.md").read_text(encoding="utf-8")
    for path in (COLLECTOR_FILE, *OPTIONS):
        for variable in re.findall(r"\$\{env:(\w+)", path.read_text(encoding="utf-8")):
            assert f"`{variable}`" in page, variable
    assert [path.name for path in OPTIONS if f"`collector/{path.name}`" not in page] == []

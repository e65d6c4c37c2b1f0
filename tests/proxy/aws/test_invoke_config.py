"""What boto3 settled for the requests we send ourselves, and how their errors are read."""

import json
import os
from collections.abc import Mapping
from typing import Any, Protocol, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import example, given
from hypothesis import strategies as st

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.failures import failure_of, throttle_delay_s
from lambdascope_proxy.aws.invoke_config import ERROR_CHARS, InvokeConfig
from lambdascope_proxy.call import OutcomeKind

NOWHERE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}


class Enter(Protocol):
    def __call__(self, variables: Mapping[str, str]) -> None: ...


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("region", "environ", "url"),
    [
        ("cn-north-1", {}, "https://lambda.cn-north-1.amazonaws.com.cn"),
        ("us-east-1", {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}, "http://127.0.0.1:4566"),
        ("us-east-1", {"AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9"}, "http://127.0.0.1:9"),
    ],
)
def test_invoke_goes_where_boto3_would_send_it(enter: Enter, region: str, environ: dict[str, str], url: str) -> None:
    enter({**NOWHERE, **KEYS, **environ})
    settled = Clients(region=region, profile="").invoke_config()
    assert (settled.url, settled.signing_name, settled.signing_region) == (url, "lambda", region)
    assert (settled.proxy, settled.shown_proxy) == (None, "")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://ada:secret@proxy.example:3128", "http://ada:secret@proxy.example:3128"),
        ("ada:secret@proxy.example:3128", "http://ada:secret@proxy.example:3128"),
        ("//proxy.example:3128", "http://proxy.example:3128"),
        ("https://proxy.example:3128", "https://proxy.example:3128"),
    ],
)
def test_a_proxy_is_used_with_or_without_scheme_and_shown_without_its_password(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, given: str, used: str
) -> None:
    enter({**NOWHERE, **KEYS})
    monkeypatch.setenv("HTTPS_PROXY", given)
    settled = Clients(region="us-east-1", profile="").invoke_config()
    assert settled.proxy == used
    assert "secret" not in settled.shown_proxy
    assert "proxy.example:3128" in settled.shown_proxy
    monkeypatch.setenv("NO_PROXY", ".amazonaws.com")
    assert Clients(region="us-east-1", profile="").invoke_config().proxy is None


def test_the_user_agent_names_us_beside_botocore(enter: Enter) -> None:
    enter({**NOWHERE, **KEYS})
    settled = Clients(region="us-east-1", profile="").invoke_config()
    assert "otocore" in settled.user_agent
    assert settled.user_agent.endswith(" lambdascope")


ERRORS: list[tuple[int, dict[str, str], bytes]] = [
    (404, {"x-amzn-ErrorType": "ResourceNotFoundException"}, b'{"Message": "Function not found: orders"}'),
    (
        429,
        {"x-amzn-ErrorType": "TooManyRequestsException:http://internal", "Retry-After": "2"},
        b'{"Reason": "CallerRateLimitExceeded", "message": "Rate"}',
    ),
    (403, {"x-amzn-ErrorType": "AccessDeniedException"}, b'{"message": "not authorized"}'),
    (502, {}, b"<html>Bad Gateway</html>"),
    (500, {"x-amzn-ErrorType": "SomethingNewException"}, b"{}"),
]


@pytest.mark.usefixtures("in_script")
def test_an_error_reads_as_boto3_would_read_it(scripted: Any, clients: Clients) -> None:
    settled = clients.invoke_config()
    # Not our reader: it would try three times.
    once: Any = Config(retries={"total_max_attempts": 1})
    client = cast("Any", boto3).client("lambda", region_name="us-east-1", config=once)
    for status, headers, body in ERRORS:
        ours: Any = settled.error_of(status, {**headers, "x-amzn-RequestId": "6f1a-request"}, body)
        scripted.will_answer(status=status, headers=headers, body=body)
        with pytest.raises(ClientError) as theirs:
            client.invoke(FunctionName="orders")
        assert type(ours).__name__ == type(theirs.value).__name__
        assert _comparable(ours.response) == _comparable(theirs.value.response)


def _comparable(response: Any) -> dict[str, Any]:
    """All but the headers and what boto3 counts itself."""
    metadata = response["ResponseMetadata"]
    kept = {key: metadata.get(key) for key in ("HTTPStatusCode", "RequestId")}
    return {**response, "ResponseMetadata": kept}


@pytest.fixture(scope="module")
def settled() -> InvokeConfig:
    """What is settled without asking anybody; making it takes half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("REQUESTS_CA_BUNDLE", raising=False)
        for name, value in {**NOWHERE, **KEYS}.items():
            patch.setenv(name, value)
        return Clients(region="us-east-1", profile="").invoke_config()


FIELDS = st.sampled_from(["message", "Message", "code", "Code", "__type", "Type", "Reason", "x"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=3),
    max_leaves=5,
)


@given(
    status=st.integers(300, 599),
    code=st.none() | st.sampled_from(["AccessDeniedException", "TooManyRequestsException:http://x", "", ":", "#"]),
    body=json_values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50),
)
@example(status=403, code=None, body=b"[1,2]")
@example(status=403, code=None, body=b"null")
@example(status=502, code=None, body=b'{"code": 7}')
@example(status=502, code=None, body=b'{"code": ["a"]}')
@example(status=502, code=None, body=b'{"__type": 7}')
@example(status=500, code=None, body=b"[" * 100_000)
def test_whatever_answers_in_lambdas_place_is_a_failure_and_no_defect(
    settled: InvokeConfig, status: int, code: str | None, body: bytes
) -> None:
    error = settled.error_of(status, {"x-amzn-ErrorType": code} if code is not None else {}, body)
    assert isinstance(error, ClientError)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status
    throttle_delay_s(error)
    assert failure_of(error, "invoking orders").kind.is_failure


def test_an_error_that_is_json_but_no_object_is_told_by_its_status_and_the_beginning_of_its_text(
    settled: InvokeConfig,
) -> None:
    # boto3 itself breaks here with an AttributeError.
    failed = failure_of(settled.error_of(403, {}, b'["blocked",\n  "by a gateway"]'), "invoking orders")
    assert (failed.kind, failed.failure.error_type) == (OutcomeKind.ACCESS_DENIED, "403")
    assert str(failed) == '403 while invoking orders: ["blocked", "by a gateway"]'
    error: Any = settled.error_of(502, {}, json.dumps(["x" * 10_000]).encode())
    assert len(error.response["Error"]["Message"]) == ERROR_CHARS

"""The AWS clients: made late, once and safely; and what boto3 settled for the requests we send ourselves."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError, ProfileNotFound

from lambdascope_proxy.aws import Clients
from lambdascope_proxy.errors import CallFailed

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
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.usefixtures("in_script")
def test_a_read_of_the_control_plane_is_retried(scripted: Any, clients: Clients) -> None:
    scripted.will_refuse(500, "ServiceException")
    scripted.will_answer(body=b'{"Functions": []}')
    assert clients.reader("lambda").list_functions()["Functions"] == []
    assert len(scripted.requests) == 2


@pytest.mark.usefixtures("in_script")
def test_each_client_is_made_once_however_many_threads_ask() -> None:
    imported: list[None] = []
    clients = Clients(region="us-east-1", profile="", on_import=lambda: imported.append(None))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(clients.reader, ["lambda", "sts", "lambda", "sts", "lambda", "sts"]))
    assert len({id(client) for client in found}) == 2
    assert imported == [None]


def test_the_region_is_the_setting_else_the_environment(enter: Enter) -> None:
    enter({**NOWHERE, "AWS_DEFAULT_REGION": "eu-west-1"})
    assert Clients(region="us-east-1", profile="").region == "us-east-1"
    assert Clients(region="", profile="").region == "eu-west-1"


def test_without_a_region_the_error_names_the_setting(enter: Enter) -> None:
    enter(NOWHERE)
    with pytest.raises(CallFailed) as failed:
        Clients(region="", profile="").reader("lambda")
    assert failed.value.failure.error_type == "NoRegion"
    assert "AWS_REGION" in failed.value.failure.hint


def test_a_profile_gives_region_and_credentials(enter: Enter, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("[profile ops]\nregion = eu-north-1\naws_access_key_id = OPS\naws_secret_access_key = x\n")
    enter({**NOWHERE, "AWS_CONFIG_FILE": str(config)})
    clients = Clients(region="", profile="ops")
    assert clients.region == "eu-north-1"
    settled = clients.invoke_config()
    assert settled.signing_region == "eu-north-1"
    assert settled.credentials.get_frozen_credentials().access_key == "OPS"
    with pytest.raises(ProfileNotFound):
        Clients(region="", profile="nobody").region  # noqa: B018 -- the property reads the profile


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


def test_a_proxy_is_used_and_shown_without_its_password(enter: Enter) -> None:
    enter({**NOWHERE, **KEYS})
    os.environ["HTTPS_PROXY"] = "http://ada:secret@proxy.example:3128"
    try:
        settled = Clients(region="us-east-1", profile="").invoke_config()
        os.environ["NO_PROXY"] = ".amazonaws.com"
        direct = Clients(region="us-east-1", profile="").invoke_config()
    finally:
        os.environ.pop("HTTPS_PROXY")
        os.environ.pop("NO_PROXY", None)
    assert settled.proxy == "http://ada:secret@proxy.example:3128"
    assert "secret" not in settled.shown_proxy
    assert "proxy.example:3128" in settled.shown_proxy
    assert direct.proxy is None


def test_certificates_are_those_the_user_named_and_the_user_agent_names_us(enter: Enter) -> None:
    enter({**NOWHERE, **KEYS, "AWS_CA_BUNDLE": "/etc/corporate.pem"})
    settled = Clients(region="us-east-1", profile="").invoke_config()
    assert settled.ca_bundle == "/etc/corporate.pem"
    assert "otocore" in settled.user_agent
    assert settled.user_agent.endswith(" lambdascope")


def test_without_a_bundle_of_the_users_the_certificates_are_botocores(enter: Enter) -> None:
    # An empty name would trust whatever the machine's OpenSSL finds, or nothing.
    enter({**NOWHERE, **KEYS})
    assert Path(Clients(region="us-east-1", profile="").invoke_config().ca_bundle).is_file()


def test_without_credentials_boto3s_own_error_is_raised(enter: Enter) -> None:
    enter(NOWHERE)
    with pytest.raises(NoCredentialsError):
        Clients(region="us-east-1", profile="").invoke_config()


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

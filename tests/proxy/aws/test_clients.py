"""The AWS clients: made late, once and safely, with the account and the endpoint that AWS's own tools would choose."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest
from botocore.exceptions import NoCredentialsError, ProfileNotFound

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.roles import AssumedRole
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.local import LocalAws, LocalRole

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


def test_without_credentials_boto3s_own_error_is_raised(enter: Enter) -> None:
    enter(NOWHERE)
    with pytest.raises(NoCredentialsError):
        Clients(region="us-east-1", profile="").invoke_config()


@pytest.fixture
def ops_profile(tmp_path: Path) -> Path:
    """An AWS config file whose only profile has a region and keys of its own."""
    config = tmp_path / "config"
    config.write_text("[profile ops]\nregion = eu-north-1\naws_access_key_id = OPS\naws_secret_access_key = x\n")
    return config


def key_of(clients: Clients) -> str:
    return clients.invoke_config().credentials.get_frozen_credentials().access_key


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_keys_in_the_environment_go_before_the_profile_it_names_as_everywhere_in_aws(
    enter: Enter, ops_profile: Path, variable: str
) -> None:
    # Otherwise calls would go to another account than those of the AWS command line beside it.
    enter({**NOWHERE, **KEYS, "AWS_CONFIG_FILE": str(ops_profile), variable: "ops"})
    clients = Clients(region="", profile="")
    theirs: Any = boto3.Session()
    assert key_of(clients) == theirs.get_credentials().access_key == "AKID"
    assert clients.region == theirs.region_name == "eu-north-1"


def test_a_profile_given_to_us_goes_before_keys_in_the_environment(enter: Enter, ops_profile: Path) -> None:
    enter({**NOWHERE, **KEYS, "AWS_CONFIG_FILE": str(ops_profile), "AWS_PROFILE": "other"})
    assert key_of(Clients(region="", profile="ops")) == "OPS"


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_an_empty_profile_variable_is_no_profile(enter: Enter, variable: str) -> None:
    # A Compose file passes one on that is not set as an empty one, and botocore looks for a profile of that name.
    enter({**NOWHERE, **KEYS, variable: ""})
    assert key_of(Clients(region="us-east-1", profile="")) == "AKID"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("AWS_ENDPOINT_URL_LAMBDA", "localhost:4566", "Invalid endpoint: localhost:4566"),
        ("AWS_ENDPOINT_URL", "localhost:4566", "Invalid endpoint: localhost:4566"),
        ("AWS_METADATA_SERVICE_TIMEOUT", "soon", "soon"),
        ("HTTPS_PROXY", "http://[", "IPv6"),
    ],
)
def test_configuration_that_botocore_cannot_read_says_where_to_look(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    # There it is a bare ValueError, which elsewhere means a defect of ours.
    enter({**NOWHERE, **KEYS})
    monkeypatch.setenv(variable, value)
    with pytest.raises(CallFailed, match=words) as failed:
        Clients(region="us-east-1", profile="").invoke_config()
    assert (failed.value.kind.value, failed.value.failure.error_type) == ("aws_error", "InvalidAwsConfiguration")
    for name in ("AWS_ENDPOINT_URL", "HTTPS_PROXY", "AWS_*", "http://"):
        assert name in failed.value.failure.hint


def test_a_region_that_cannot_be_one_names_its_setting(enter: Enter) -> None:
    enter({**NOWHERE, **KEYS})
    with pytest.raises(CallFailed, match="'us east 1'") as failed:
        Clients(region="us east 1", profile="").reader("sts")
    assert "AWS_REGION" in failed.value.failure.hint


def test_certificates_out_of_reach_are_told_when_a_client_is_made(enter: Enter, tmp_path: Path) -> None:
    enter({**NOWHERE, **KEYS, "AWS_CA_BUNDLE": str(tmp_path / "gone.pem")})
    clients = Clients(region="us-east-1", profile="")
    with pytest.raises(CallFailed, match="AWS_CA_BUNDLE") as failed:
        clients.reader("sts")
    assert str(tmp_path / "gone.pem") in str(failed.value)
    # Without TLS nobody reads them.
    enter({**NOWHERE, **KEYS, "AWS_CA_BUNDLE": str(tmp_path / "gone.pem"), "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    assert Clients(region="us-east-1", profile="").invoke_config().ca_bundle == ""


READER = AssumedRole(arn="arn:aws:iam::222222222222:role/reader", external_id="moon")


@pytest.fixture
def two_accounts(enter: Enter) -> Iterator[LocalAws]:
    """A home, and an account behind a role."""
    with LocalAws([], roles=[LocalRole(arn=READER.arn, external_id="moon")]) as aws:
        enter(aws.environment())
        yield aws


def test_clients_with_the_credentials_of_a_role_are_of_its_account_in_any_region(two_accounts: LocalAws) -> None:
    home = Clients(region="us-east-1", profile="")
    there = [
        Clients(region=region, profile="", credentials=lambda: home.assume(READER))
        for region in ("us-east-1", "eu-west-1")
    ]
    for clients in there:
        identity = clients.reader("sts").get_caller_identity()
        assert identity["Arn"] == "arn:aws:sts::222222222222:assumed-role/reader/lambdascope"
    assert home.reader("sts").get_caller_identity()["Account"] == "123456789012"
    # One session for all regions: AWS limits how often a role may be assumed.
    assert key_of(there[0]) == key_of(there[1])
    assert there[1].invoke_config().signing_region == "eu-west-1"


def test_a_role_that_cannot_be_assumed_fails_the_request_with_the_reason(two_accounts: LocalAws) -> None:
    home = Clients(region="us-east-1", profile="")
    wrong = AssumedRole(arn=READER.arn, external_id="sun")
    clients = Clients(region="us-east-1", profile="", credentials=lambda: home.assume(wrong))
    with pytest.raises(CallFailed, match="sts:AssumeRole") as failed:
        clients.reader("lambda").list_functions()
    assert failed.value.failure.error_type == "AssumeRoleDenied"


def test_a_role_needs_credentials_of_our_own(enter: Enter) -> None:
    enter(NOWHERE)
    home = Clients(region="us-east-1", profile="")
    with pytest.raises(NoCredentialsError):
        Clients(region="us-east-1", profile="", credentials=lambda: home.assume(READER)).reader("lambda")

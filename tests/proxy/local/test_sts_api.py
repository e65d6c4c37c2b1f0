"""GetCallerIdentity and AssumeRole through boto3."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdascope_proxy.local import LocalAws, LocalRole

READER = "arn:aws:iam::222222222222:role/team/reader"
ASKED = {"RoleArn": READER, "RoleSessionName": "tests"}


def test_the_caller_is_of_the_local_account(run_aws: Any, client_of: Any) -> None:
    identity = client_of(run_aws(account_id="999988887777"), "sts").get_caller_identity()
    assert identity["Account"] == "999988887777"
    assert identity["Arn"] == "arn:aws:iam::999988887777:user/local"
    assert identity["ResponseMetadata"]["RequestId"] == identity["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]


def test_other_operations_are_refused(run_aws: Any, client_of: Any) -> None:
    client = client_of(run_aws(), "sts")
    with pytest.raises(client.exceptions.ClientError, match="not implemented by the local AWS"):
        client.get_session_token()


class Clock:
    """The time of a local AWS, moved by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def aws(run_aws: Any, clock: Clock) -> LocalAws:
    return run_aws(roles=[LocalRole(arn=READER, external_id="moon")], now=clock)


As = Callable[..., Any]


@pytest.fixture
def as_session(aws: LocalAws) -> As:
    """Makes an sts client that signs with temporary keys."""

    def make(keys: Any, **changes: str) -> Any:
        named = {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }
        client: Any = boto3.client  # the stubs want literal words
        return client("sts", region_name="us-east-1", endpoint_url=aws.endpoint_url, **{**named, **changes})

    return make


def test_an_assumed_role_is_another_account_until_its_time_is_over(
    aws: LocalAws, client_of: Any, as_session: As, clock: Clock
) -> None:
    answer = client_of(aws, "sts").assume_role(**ASKED, ExternalId="moon")
    arn = "arn:aws:sts::222222222222:assumed-role/reader/tests"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    assert answer["Credentials"]["Expiration"] == clock.time + timedelta(hours=1)
    there = as_session(answer["Credentials"])
    assert there.get_caller_identity()["Arn"] == arn
    assert there.get_caller_identity()["Account"] == "222222222222"
    clock.time += timedelta(hours=1)
    with pytest.raises(ClientError, match="ExpiredToken"):
        there.get_caller_identity()


@pytest.mark.parametrize(
    "asked", [ASKED, {**ASKED, "ExternalId": "sun"}, {**ASKED, "RoleArn": READER + "s", "ExternalId": "moon"}]
)
def test_a_wrong_external_id_and_a_role_that_is_not_there_are_refused_alike(
    aws: LocalAws, client_of: Any, asked: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match=r"is not authorized to perform: sts:AssumeRole on resource: arn") as refused:
        client_of(aws, "sts").assume_role(**asked)
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_keys_without_their_token_or_whose_role_is_gone_are_no_good(
    aws: LocalAws, client_of: Any, as_session: As
) -> None:
    keys = client_of(aws, "sts").assume_role(**ASKED, ExternalId="moon")["Credentials"]
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        as_session(keys, aws_session_token="other").get_caller_identity()
    aws.remove_role(READER)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        as_session(keys).get_caller_identity()
    with pytest.raises(KeyError):
        aws.remove_role(READER)


def test_a_session_can_be_ended_before_its_time(aws: LocalAws, client_of: Any, as_session: As) -> None:
    keys = client_of(aws, "sts").assume_role(**ASKED, ExternalId="moon")["Credentials"]
    aws.end_sessions()
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        as_session(keys).get_caller_identity()


def test_what_assume_role_is_not_played_with_is_refused(aws: LocalAws, client_of: Any) -> None:
    with pytest.raises(ClientError, match="AssumeRole with Policy is not implemented"):
        client_of(aws, "sts").assume_role(**ASKED, ExternalId="moon", Policy="{}")
    with pytest.raises(ClientError, match="not a role session name"):
        client_of(aws, "sts").assume_role(RoleArn=READER, RoleSessionName="a b")

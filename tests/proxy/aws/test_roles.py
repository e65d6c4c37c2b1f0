"""Roles of further accounts: how they are written, and the credentials that botocore gets and renews for them."""

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote

import botocore.session
import pytest
from botocore.exceptions import NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.aws.roles import AssumedRole, assumed_credentials, read_roles
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

READER = "arn:aws:iam::222222222222:role/reader"
ROLE = AssumedRole(arn=READER, external_id="blue=moon")


def test_a_list_of_roles_is_read_with_their_accounts_and_external_ids() -> None:
    text = f" {READER}?external_id=a%2Cb+c , arn:aws-us-gov:iam::333333333333:role/team/a@b,"
    first, second = read_roles(text)
    assert (first.arn, first.account_id, first.external_id) == (READER, "222222222222", "a,b+c")
    assert (second.account_id, second.external_id) == ("333333333333", "")
    assert read_roles(" , ") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reader", "'reader' is not the ARN of a role"),
        ("arn:aws:iam::2222:role/reader", "not the ARN of a role"),
        ("arn:aws:iam::222222222222:user/reader", "not the ARN of a role"),
        (f"{READER}?region=eu-west-1", "followed by 'region'"),
        (f"{READER}?", "followed by ''"),
        (f"{READER}?external_id=", "the external id of"),
        (f"{READER}?external_id=hunter two", "the external id of"),
        (f"{READER},arn:aws:iam::222222222222:role/other", "account 222222222222 has 2 roles"),
    ],
)
def test_a_role_that_cannot_be_meant_is_refused_with_the_reason_and_without_its_secret(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)) as refused:
        read_roles(text)
    assert "hunter" not in str(refused.value)


def test_an_external_id_does_not_show_when_a_role_is_printed() -> None:
    assert "blue" not in repr(ROLE)


@given(external_id=st.from_regex(r"[A-Za-z0-9_+=,.@:/-]{2,30}", fullmatch=True))
def test_any_external_id_aws_allows_comes_back_as_it_was(external_id: str) -> None:
    (role,) = read_roles(f"{READER}?external_id={quote(external_id, safe='+=@:/')}")
    assert role.external_id == external_id


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        roles = read_roles(text)
    except ValueError:
        return
    assert all(len(role.account_id) == 12 for role in roles)


def session_of(key: str, lasts: timedelta) -> bytes:
    """What AssumeRole answers."""
    until = (datetime.now(UTC) + lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser>'
        "<Arn>arn:aws:sts::222222222222:assumed-role/reader/lambdascope</Arn></AssumedRoleUser><Credentials>"
        f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        f"<Expiration>{until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    ).encode()


@pytest.fixture
def credentials(in_script: None) -> Any:
    """Credentials of the role, of a session whose STS is the scripted AWS."""
    return assumed_credentials(botocore.session.Session(), ROLE, "eu-west-1")


def test_a_role_is_assumed_when_first_needed_with_external_id_and_our_name_and_once(
    credentials: Any, scripted: Any
) -> None:
    assert scripted.requests == []
    scripted.will_answer(body=session_of("ASIAONE", timedelta(hours=1)))
    assert [credentials.get_frozen_credentials().access_key for _ in range(3)] == ["ASIAONE"] * 3
    (request,) = scripted.requests
    asked = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    assert (asked["Action"], asked["RoleArn"], asked["RoleSessionName"]) == ("AssumeRole", READER, "lambdascope")
    assert asked["ExternalId"] == "blue=moon"
    assert "/eu-west-1/sts/aws4_request" in request.headers["authorization"]


def test_credentials_that_soon_expire_are_renewed_before_they_do(credentials: Any, scripted: Any) -> None:
    scripted.will_answer(body=session_of("ASIAONE", timedelta(minutes=9)))
    scripted.will_answer(body=session_of("ASIATWO", timedelta(hours=1)))
    assert [credentials.get_frozen_credentials().access_key for _ in range(3)] == ["ASIAONE", "ASIATWO", "ASIATWO"]


def denial(code: str) -> bytes:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>User: me may not</Message></Error>"
    return f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>".encode()


def test_a_role_that_may_not_be_assumed_says_which_and_what_to_check(credentials: Any, scripted: Any) -> None:
    scripted.will_answer(status=403, body=denial("AccessDenied"))
    with pytest.raises(CallFailed, match="User: me may not") as failed:
        credentials.get_frozen_credentials()
    assert (failed.value.kind, failed.value.failure.error_type) == (OutcomeKind.ACCESS_DENIED, "AssumeRoleDenied")
    assert READER in str(failed.value)
    assert "sts:AssumeRole" in str(failed.value)
    assert "external id" in failed.value.failure.hint
    assert "blue" not in str(failed.value), "the external id is a secret shared with the other account"


def test_another_reason_stays_what_it_is(credentials: Any, scripted: Any) -> None:
    scripted.will_answer(status=403, body=denial("ExpiredToken"))
    with pytest.raises(CallFailed, match="ExpiredToken") as failed:
        credentials.get_frozen_credentials()
    assert failed.value.failure.error_type == "ExpiredToken"
    assert "doctor" in failed.value.failure.hint


def test_without_credentials_of_our_own_no_role_can_be_assumed(enter: Any) -> None:
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    enter({**nowhere, "AWS_EC2_METADATA_DISABLED": "true"})
    with pytest.raises(NoCredentialsError):
        assumed_credentials(botocore.session.Session(), ROLE, "eu-west-1")

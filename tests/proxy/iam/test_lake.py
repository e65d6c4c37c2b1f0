"""What it takes to write the lake."""

from typing import Any

import pytest

from lambdascope_proxy.iam.lake import lake_statements
from lambdascope_proxy.iam.scope import Scope
from lambdascope_proxy.settings import load_settings

HOME = Scope(regions=("eu-west-1",), account_id="123456789012")
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"


def statements(settings: dict[str, str], scope: Scope = HOME) -> dict[str, Any]:
    """The documents of the lake's statements by Sid."""
    given = {f"LAMBDASCOPE_HISTORY_S3{name}": value for name, value in settings.items()}
    return {each.sid: each.document() for each in lake_statements(load_settings(given), scope)}


def test_only_what_the_uploader_writes_may_be_written() -> None:
    (found,) = statements({"": "s3://my-lake/agents/"}).values()
    assert found["Action"] == ["s3:PutObject", "s3:GetObject"]
    assert found["Resource"] == ["arn:aws:s3:::my-lake/agents/calls/*", "arn:aws:s3:::my-lake/agents/amendments/*"]


def test_without_a_lake_there_is_nothing() -> None:
    assert statements({}) == {}


@pytest.mark.parametrize("other", [{"_PROFILE": "writer"}, {"_ENDPOINT": "https://s3.example.com"}])
def test_a_lake_that_others_credentials_write_is_not_in_this_policy(other: dict[str, str]) -> None:
    assert statements({"": "s3://my-lake", **other}) == {}


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        (KEY, f"arn:aws:kms:*:123456789012:key/{KEY}"),
        (f"arn:aws:kms:us-east-1:999999999999:key/{KEY}", f"arn:aws:kms:us-east-1:999999999999:key/{KEY}"),
    ],
)
def test_a_key_is_named_by_its_arn_and_used_only_through_s3(key: str, resource: str) -> None:
    found = statements({"": "s3://my-lake", "_KMS_KEY": key})["EncryptTheLake"]
    assert found["Resource"] == resource
    assert found["Condition"] == {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        ("alias/history", "arn:aws:kms:*:123456789012:key/*"),
        ("arn:aws:kms:us-east-1:999999999999:alias/history", "arn:aws:kms:us-east-1:999999999999:key/*"),
    ],
)
def test_an_alias_leads_to_no_key_in_an_arn_so_a_condition_names_it(key: str, resource: str) -> None:
    found = statements({"": "s3://my-lake", "_KMS_KEY": key})["EncryptTheLake"]
    assert found["Resource"] == resource
    assert found["Condition"]["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": "alias/history"}


def test_in_china_s3_has_another_name() -> None:
    china = Scope(regions=("cn-north-1",), partition="aws-cn")
    found = statements({"": "s3://my-lake", "_KMS_KEY": KEY}, china)
    assert found["WriteTheLake"]["Resource"][0] == "arn:aws-cn:s3:::my-lake/calls/*"
    assert found["EncryptTheLake"]["Condition"] == {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com.cn"}}

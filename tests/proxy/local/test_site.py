"""Regions and accounts behind one port: each holds, runs and logs its own."""

import json
from typing import Any

import boto3
import pytest

from lambdascope_proxy.local import LocalAws, LocalFunction, LocalSchema

OTHER = "222222222222"
SHOW = """
    import os

    def handler(event, context):
        return [context.invoked_function_arn, os.environ["AWS_REGION"], os.environ["AWS_ACCESS_KEY_ID"]]
"""


@pytest.fixture
def aws(run_aws: Any, write_code: Any) -> LocalAws:
    """The same function at home, in another region, and in another account."""
    function = LocalFunction(name="show", code=write_code(SHOW), tags={"team": "a"})
    aws = run_aws(function)
    aws.deploy([function], region="eu-west-1")
    aws.deploy([function], account_id=OTHER)
    return aws


def client(aws: LocalAws, service: str, region: str = "us-east-1", key: str = "local") -> Any:
    made: Any = boto3.client  # the stubs want literal words
    keys = {"aws_access_key_id": key, "aws_secret_access_key": "local"}
    return made(service, region_name=region, endpoint_url=aws.endpoint_url, **keys)


PLACES = [
    ("us-east-1", "local", "arn:aws:lambda:us-east-1:123456789012:function:show"),
    ("eu-west-1", "local", "arn:aws:lambda:eu-west-1:123456789012:function:show"),
    ("us-east-1", f"local{OTHER}", f"arn:aws:lambda:us-east-1:{OTHER}:function:show"),
]


@pytest.mark.parametrize(("region", "key", "arn"), PLACES)
def test_the_signature_says_which_region_and_account_is_meant(aws: LocalAws, region: str, key: str, arn: str) -> None:
    (function,) = client(aws, "lambda", region, key).list_functions()["Functions"]
    assert function["FunctionArn"] == arn
    pages = client(aws, "resourcegroupstaggingapi", region, key).get_resources()
    assert [each["ResourceARN"] for each in pages["ResourceTagMappingList"]] == [arn]


@pytest.mark.parametrize(("region", "key", "arn"), PLACES)
def test_a_function_runs_and_logs_where_it_is_and_calls_aws_there(
    aws: LocalAws, region: str, key: str, arn: str
) -> None:
    answer = client(aws, "lambda", region, key).invoke(FunctionName="show")
    assert json.loads(answer["Payload"].read()) == [arn, region, key]
    account_id = arn.split(":")[4]
    ran = {place: len(aws.journal_at(place[0], place[1]).invocations()) for place in _journals()}
    assert ran == {place: int(place == (region, account_id)) for place in ran}


def _journals() -> list[tuple[str, str]]:
    return [(arn.split(":")[3], arn.split(":")[4]) for _, _, arn in PLACES]


def test_a_region_where_nothing_was_deployed_is_empty(aws: LocalAws) -> None:
    assert client(aws, "lambda", "ap-south-1").list_functions()["Functions"] == []
    with pytest.raises(Exception, match="Function not found: arn:aws:lambda:ap-south-1:123456789012:function:show"):
        client(aws, "lambda", "ap-south-1").invoke(FunctionName="show")


def test_a_schema_is_registered_where_it_was_put(aws: LocalAws) -> None:
    schema = LocalSchema(registry="r", name="s", versions={"1": ("JSONSchemaDraft4", "{}")})
    aws.deploy([], [schema], region="eu-west-1")
    found = client(aws, "schemas", "eu-west-1").describe_schema(RegistryName="r", SchemaName="s")
    assert found["SchemaArn"] == "arn:aws:schemas:eu-west-1:123456789012:schema/r/s"
    with pytest.raises(Exception, match="does not exist"):
        client(aws, "schemas").describe_schema(RegistryName="r", SchemaName="s")


def test_a_function_is_replaced_and_removed_at_home_only(aws: LocalAws, write_code: Any) -> None:
    aws.put_function(LocalFunction(name="show", code=write_code("def handler(e, c): return 'new'")))
    assert client(aws, "lambda").invoke(FunctionName="show")["Payload"].read() == b'"new"'
    assert b"eu-west-1" in client(aws, "lambda", "eu-west-1").invoke(FunctionName="show")["Payload"].read()
    aws.remove_function("show")
    assert client(aws, "lambda").list_functions()["Functions"] == []
    assert len(client(aws, "lambda", "eu-west-1").list_functions()["Functions"]) == 1

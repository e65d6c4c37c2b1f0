"""GetResources through boto3."""

from typing import Any

import pytest

from lambdascope_proxy.local import LocalFunction

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


@pytest.fixture
def client(run_aws: Any, client_of: Any, write_code: Any) -> Any:
    code = write_code("")
    tags = {"a": {"team": "x", "env": "prod"}, "b": {"team": "x", "env": "dev"}, "c": {"team": "y"}, "d": {}}
    aws = run_aws(*(LocalFunction(name=name, code=code, tags=each) for name, each in tags.items()))
    return client_of(aws, "resourcegroupstaggingapi")


def found(client: Any, **asked: Any) -> list[str]:
    pages = client.get_paginator("get_resources").paginate(**asked)
    return [row["ResourceARN"].removeprefix(ARN) for page in pages for row in page["ResourceTagMappingList"]]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["a", "b", "c"]),
        ({"TagFilters": [{"Key": "team", "Values": ["x"]}]}, ["a", "b"]),
        ({"TagFilters": [{"Key": "team", "Values": ["x", "y"]}]}, ["a", "b", "c"]),
        ({"TagFilters": [{"Key": "env"}]}, ["a", "b"]),
        ({"TagFilters": [{"Key": "team", "Values": ["x"]}, {"Key": "env", "Values": ["dev"]}]}, ["b"]),
        ({"TagFilters": [{"Key": "Team", "Values": ["x"]}]}, []),
        ({"ResourceTypeFilters": ["lambda:function"]}, ["a", "b", "c"]),
        ({"ResourceTypeFilters": ["lambda", "s3"]}, ["a", "b", "c"]),
        ({"ResourceTypeFilters": ["s3"]}, []),
    ],
)
def test_filters_are_joined_by_and_their_values_by_or(client: Any, asked: dict[str, Any], names: list[str]) -> None:
    assert found(client, **asked) == names


def test_resources_come_in_pages(client: Any) -> None:
    pages = list(client.get_paginator("get_resources").paginate(ResourcesPerPage=2))
    assert [len(page["ResourceTagMappingList"]) for page in pages] == [2, 1]
    assert pages[0]["ResourceTagMappingList"][0]["Tags"] == [
        {"Key": "team", "Value": "x"},
        {"Key": "env", "Value": "prod"},
    ]


def test_a_parameter_that_is_not_played_is_refused_rather_than_ignored(client: Any) -> None:
    with pytest.raises(client.exceptions.InvalidParameterException, match="ResourceARNList"):
        client.get_resources(ResourceARNList=[f"{ARN}a"])


def test_other_operations_are_refused(client: Any) -> None:
    with pytest.raises(client.exceptions.ClientError, match="not implemented by the local AWS"):
        client.get_tag_keys()

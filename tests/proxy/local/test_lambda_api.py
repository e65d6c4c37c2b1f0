"""The control plane of Lambda through boto3; the fixture checks every answer against the service model."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdascope_proxy.local import LocalAws, LocalFunction

CODE = "def handler(event, context):\n    return event\n"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


@pytest.fixture
def code(write_code: Any) -> Any:
    return write_code(CODE)


@pytest.fixture
def shop(run_aws: Any, code: Any, write_code: Any) -> LocalAws:
    function = LocalFunction(
        name="shop",
        code=code,
        memory_mb=512,
        timeout_s=7,
        architecture="arm64",
        description="sells",
        tags={"team": "a"},
        environment={"KEY": "value"},
        versions={"1": code, "2": write_code("def handler(event, context): return 2"), "10": code},
        aliases={"live": "1", "next": "2"},
        log_format="JSON",
        log_group="/shop",
        reserved_concurrency=3,
    )
    return run_aws(function, LocalFunction(name="plain", code=code))


def test_functions_come_in_pages_of_at_most_50(run_aws: Any, client_of: Any, code: Any) -> None:
    names = [f"f{number:03d}" for number in range(120)]
    client = client_of(run_aws(*(LocalFunction(name=name, code=code) for name in reversed(names))))
    pages = list(client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 10_000}))
    assert [len(page["Functions"]) for page in pages] == [50, 50, 20]
    assert [function["FunctionName"] for page in pages for function in page["Functions"]] == names
    assert len(client.list_functions(MaxItems=7)["Functions"]) == 7


def test_a_list_that_changes_between_two_pages_loses_no_function(run_aws: Any, client_of: Any, code: Any) -> None:
    """Catches markers that count: deleting a listed function would hide the first of the next page."""
    aws = run_aws(*(LocalFunction(name=f"f{number}", code=code) for number in range(4)))
    client = client_of(aws)
    first = client.list_functions(MaxItems=2)
    aws.remove_function("f0")
    aws.put_function(LocalFunction(name="f9", code=code))
    rest = client.list_functions(Marker=first["NextMarker"])
    assert [function["FunctionName"] for function in rest["Functions"]] == ["f2", "f3", "f9"]


@pytest.mark.parametrize("marker", ["bm9uc2Vuc2U=", "!", "W10="])
def test_a_marker_we_never_gave_is_refused(shop: LocalAws, client_of: Any, marker: str) -> None:
    client = client_of(shop)
    with pytest.raises(client.exceptions.InvalidParameterValueException):
        client.list_functions(Marker=marker)


def test_the_list_tells_everything_but_the_state(shop: LocalAws, client_of: Any) -> None:
    client = client_of(shop)
    listed = client.list_functions()["Functions"][1]
    got = client.get_function_configuration(FunctionName="shop")
    assert (got.pop("State"), got.pop("LastUpdateStatus")) == ("Active", "Successful")
    del got["ResponseMetadata"]
    assert listed == got
    assert {
        "FunctionName": "shop",
        "FunctionArn": f"{ARN}shop",
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Description": "sells",
        "Timeout": 7,
        "MemorySize": 512,
        "CodeSize": len(CODE),
        "Version": "$LATEST",
        "Architectures": ["arm64"],
        "Environment": {"Variables": {"KEY": "value"}},
        "EphemeralStorage": {"Size": 512},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/shop"},
    }.items() <= listed.items()
    assert client.get_function_configuration(FunctionName="plain")["LoggingConfig"]["LogGroup"] == "/aws/lambda/plain"


def test_a_qualifier_shows_in_the_arn_and_its_version_in_the_code(shop: LocalAws, client_of: Any) -> None:
    client = client_of(shop)
    latest = client.get_function_configuration(FunctionName="shop")
    alias = client.get_function_configuration(FunctionName="shop", Qualifier="live")
    assert (alias["FunctionArn"], alias["Version"]) == (f"{ARN}shop:live", "1")
    assert alias["CodeSha256"] == latest["CodeSha256"]
    version = client.get_function_configuration(FunctionName="shop:2")
    assert (version["FunctionArn"], version["Version"]) == (f"{ARN}shop:2", "2")
    assert version["CodeSha256"] != latest["CodeSha256"]


def test_a_function_comes_with_its_tags_and_concurrency(shop: LocalAws, client_of: Any) -> None:
    client = client_of(shop)
    answer = client.get_function(FunctionName="shop")
    assert answer["Configuration"]["State"] == "Active"
    assert answer["Tags"] == {"team": "a"}
    assert answer["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert "Concurrency" not in client.get_function(FunctionName="plain")


def test_tags_are_listed_by_arn(shop: LocalAws, client_of: Any) -> None:
    client = client_of(shop)
    assert client.list_tags(Resource=f"{ARN}shop")["Tags"] == {"team": "a"}
    assert client.list_tags(Resource=f"{ARN}plain")["Tags"] == {}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.list_tags(Resource=f"{ARN}nope")


def test_versions_are_listed_in_the_order_of_their_numbers(shop: LocalAws, client_of: Any) -> None:
    client = client_of(shop)
    pages = client.get_paginator("list_versions_by_function").paginate(
        FunctionName="shop", PaginationConfig={"PageSize": 3}
    )
    versions = [version for page in pages for version in page["Versions"]]
    assert [version["Version"] for version in versions] == ["$LATEST", "1", "2", "10"]
    assert versions[3]["FunctionArn"] == f"{ARN}shop:10"


def test_all_functions_means_with_their_versions(shop: LocalAws, client_of: Any) -> None:
    listed = client_of(shop).list_functions(FunctionVersion="ALL")["Functions"]
    shown = [(function["FunctionName"], function["Version"]) for function in listed]
    assert shown == [("plain", "$LATEST"), *(("shop", version) for version in ("$LATEST", "1", "2", "10"))]


def test_aliases_are_listed_also_by_version(shop: LocalAws, client_of: Any) -> None:
    client = client_of(shop)
    aliases = client.list_aliases(FunctionName="shop")["Aliases"]
    assert [(alias["Name"], alias["FunctionVersion"]) for alias in aliases] == [("live", "1"), ("next", "2")]
    assert aliases[0]["AliasArn"] == f"{ARN}shop:live"
    only = client.list_aliases(FunctionName="shop", FunctionVersion="2")["Aliases"]
    assert [alias["Name"] for alias in only] == ["next"]


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("delete_function", {"FunctionName": "shop"}),
        ("get_policy", {"FunctionName": "shop"}),
        ("get_alias", {"FunctionName": "shop", "Name": "live"}),
        ("update_function_configuration", {"FunctionName": "shop", "Timeout": 3}),
    ],
)
def test_what_is_not_played_says_so(shop: LocalAws, client_of: Any, operation: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="not implemented by the local AWS") as caught:
        getattr(client_of(shop), operation)(**parameters)
    assert 400 <= caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500


def test_the_limits_of_concurrency_are_told(shop: LocalAws, client_of: Any) -> None:
    client = client_of(shop)
    assert client.get_function_concurrency(FunctionName="shop")["ReservedConcurrentExecutions"] == 3
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="plain")
    settings = client.get_account_settings()
    limit = settings["AccountLimit"]
    assert (limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]) == (64, 61)
    assert settings["AccountUsage"]["FunctionCount"] == 2

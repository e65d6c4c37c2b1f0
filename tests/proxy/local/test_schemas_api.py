"""The schema registry through boto3."""

from typing import Any

import pytest

from lambdascope_proxy.local import LocalSchema

SCHEMA = LocalSchema(
    registry="shop.v1",
    name="com.shop@Order",
    versions={
        "2": ("OpenApi3", '{"openapi": "3.0.0"}'),
        "10": ("OpenApi3", '{"ten": 10}'),
        "1": ("JSONSchemaDraft4", "{}"),
    },
)
NAMES = {"RegistryName": "shop.v1", "SchemaName": "com.shop@Order"}


@pytest.fixture
def client(run_aws: Any, client_of: Any) -> Any:
    return client_of(run_aws(schemas=[SCHEMA], region="eu-west-1"), "schemas")


def test_the_newest_version_is_described_unless_another_is_asked(client: Any) -> None:
    newest = client.describe_schema(**NAMES)
    assert (newest["SchemaVersion"], newest["Type"], newest["Content"]) == ("10", "OpenApi3", '{"ten": 10}')
    assert newest["SchemaArn"] == "arn:aws:schemas:eu-west-1:123456789012:schema/shop.v1/com.shop@Order"
    assert newest["LastModified"].year >= 2026
    assert client.describe_schema(**NAMES, SchemaVersion="1")["Type"] == "JSONSchemaDraft4"


def test_versions_are_listed_in_pages(client: Any) -> None:
    pages = list(client.get_paginator("list_schema_versions").paginate(**NAMES, PaginationConfig={"PageSize": 2}))
    assert [[version["SchemaVersion"] for version in page["SchemaVersions"]] for page in pages] == [["1", "2"], ["10"]]


@pytest.mark.parametrize(
    "asked", [{**NAMES, "SchemaName": "x"}, {**NAMES, "RegistryName": "x"}, {**NAMES, "SchemaVersion": "3"}]
)
def test_what_does_not_exist_is_not_found(client: Any, asked: dict[str, str]) -> None:
    with pytest.raises(client.exceptions.NotFoundException, match="does not exist"):
        client.describe_schema(**asked)


def test_other_operations_are_refused(client: Any) -> None:
    with pytest.raises(client.exceptions.ClientError, match="not implemented by the local AWS"):
        client.list_registries()

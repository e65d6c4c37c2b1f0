"""The limit of concurrency, read from a Lambda that answers by script."""

from collections.abc import Callable, Generator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.limits import ConcurrencyLimit, ConcurrencyLimits
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio


class Aws:
    """The clients of one place, with the script of Lambda."""

    region = "us-east-1"

    def __init__(self) -> None:
        make: Any = boto3.client  # the stubs want a literal service name
        self._client = make("lambda", region_name=self.region, aws_access_key_id="a", aws_secret_access_key="b")
        self.stub = Stubber(self._client)
        self.stub.activate()
        home: Any = self
        self.limits = ConcurrencyLimits(Places(home, lambda place: home), Threads(1), ttl_s=60)

    def reader(self, service: str) -> Any:
        assert service == "lambda"
        return self._client


@pytest.fixture
def aws() -> Generator[Aws]:
    made = Aws()
    yield made
    made.stub.assert_no_pending_responses()


async def test_a_reservation_is_the_functions_own_limit_and_read_once(
    aws: Aws, function_of: Callable[..., Function]
) -> None:
    asked = {"FunctionName": "orders"}
    aws.stub.add_response("get_function_concurrency", {"ReservedConcurrentExecutions": 7}, asked)
    expected = ConcurrencyLimit(limit=7, is_reserved=True)
    assert [await aws.limits.of(function_of()), await aws.limits.of(function_of())] == [expected, expected]


async def test_a_reservation_of_nothing_is_a_limit_too(aws: Aws, function_of: Callable[..., Function]) -> None:
    aws.stub.add_response("get_function_concurrency", {"ReservedConcurrentExecutions": 0})
    assert await aws.limits.of(function_of()) == ConcurrencyLimit(limit=0, is_reserved=True)


async def test_without_a_reservation_the_account_limits(aws: Aws, function_of: Callable[..., Function]) -> None:
    aws.stub.add_response("get_function_concurrency", {})
    aws.stub.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 1000}})
    assert await aws.limits.of(function_of()) == ConcurrencyLimit(limit=1000, is_reserved=False)


async def test_a_missing_permission_is_named(aws: Aws, function_of: Callable[..., Function]) -> None:
    aws.stub.add_response("get_function_concurrency", {})
    aws.stub.add_client_error("get_account_settings", "AccessDeniedException", "no", 403)
    with pytest.raises(CallFailed, match="lambda:GetAccountSettings is not allowed"):
        await aws.limits.of(function_of())

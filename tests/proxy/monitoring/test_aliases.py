"""What a qualifier means, at the demo's account and at a Lambda that answers by script."""

from collections.abc import Callable
from typing import Any

import pytest

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.aliases import Aliases
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio
NAME = "demo-recommend-products"


def aliases_of(clients: Clients) -> Aliases:
    return Aliases(Places(clients, lambda place: clients), Threads(1), ttl_s=60)


@pytest.mark.usefixtures("in_shop")
async def test_an_alias_means_its_version(settled_clients: Clients, function_of: Callable[..., Function]) -> None:
    aliases = aliases_of(settled_clients)
    assert await aliases.versions(function_of(NAME), "live") == ("1",)
    with pytest.raises(CallFailed, match=r"has no alias 'next'\. It has live"):
        await aliases.versions(function_of(NAME), "next")
    with pytest.raises(CallFailed, match="It has none"):
        await aliases.versions(function_of("demo-order-status"), "live")


@pytest.mark.usefixtures("in_script")
async def test_a_version_means_itself_and_nothing_is_asked(
    settled_clients: Clients, function_of: Callable[..., Function], scripted: Any
) -> None:
    aliases = aliases_of(settled_clients)
    assert [await aliases.versions(function_of(), each) for each in ("7", "$LATEST")] == [("7",), ("$LATEST",)]
    assert scripted.requests == []


@pytest.mark.usefixtures("in_script")
async def test_an_alias_that_shifts_traffic_means_two_versions(
    settled_clients: Clients, function_of: Callable[..., Function], scripted: Any
) -> None:
    scripted.will_answer(
        body=b'{"Aliases": [{"Name": "live", "FunctionVersion": "7", '
        b'"RoutingConfig": {"AdditionalVersionWeights": {"8": 0.1}}}]}'
    )
    assert await aliases_of(settled_clients).versions(function_of(), "live") == ("7", "8")


@pytest.mark.usefixtures("in_script")
async def test_a_missing_permission_is_named(
    settled_clients: Clients, function_of: Callable[..., Function], scripted: Any
) -> None:
    scripted.will_refuse(403, "AccessDeniedException")
    with pytest.raises(CallFailed, match="lambda:ListAliases is not allowed"):
        await aliases_of(settled_clients).versions(function_of(), "live")

"""What a version or alias has of its own, read from the demo's account and from one that refuses."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.aws.versions import LONGEST_TIMEOUT_S, Versions
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.local.demo import demo_functions
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("in_shop")]
NAME = "demo-recommend-products"


def at_home(clients: Clients) -> Places:
    """Where nothing but home is needed."""
    return Places(clients, lambda place: clients)


@pytest.fixture
def versions(settled_clients: Clients) -> Versions:
    return Versions(at_home(settled_clients), Threads(1), ttl_s=60)


@pytest.fixture
def newest(function_of: Callable[..., Function]) -> Function:
    """The function as the catalogue knows it, with figures no version has."""
    return function_of(NAME, memory_mb=128, timeout_s=1, architecture="arm64", tags={"team": "a"})


@pytest.mark.parametrize("qualifier", ["live", "2"])
async def test_a_version_has_its_own_figures_under_the_functions_name_and_tags(
    versions: Versions, newest: Function, qualifier: str
) -> None:
    found, note = await versions.of(newest, qualifier)
    assert (found.memory_mb, found.timeout_s, found.architecture) == (512, 3, "x86_64")
    assert (found.name, found.arn, found.tags, note) == (newest.name, newest.arn, newest.tags, "")


async def test_the_newest_code_is_what_the_catalogue_knows(
    versions: Versions, newest: Function, settled_clients: Clients, operations: Callable[[Any], Sequence[str]]
) -> None:
    seen = operations(settled_clients.reader("lambda"))
    assert await versions.of(newest, "$LATEST") == (newest, "")
    assert list(seen) == []


async def test_a_version_is_read_once(
    versions: Versions, newest: Function, settled_clients: Clients, operations: Callable[[Any], Sequence[str]]
) -> None:
    seen = operations(settled_clients.reader("lambda"))
    for _ in range(3):
        await versions.of(newest, "live")
    assert list(seen) == ["GetFunctionConfiguration"]


async def test_a_qualifier_that_does_not_exist_is_not_found(versions: Versions, newest: Function) -> None:
    with pytest.raises(CallFailed) as failed:
        await versions.of(newest, "next")
    assert (failed.value.kind, failed.value.failure.error_type) == (
        OutcomeKind.NOT_FOUND,
        "ResourceNotFoundException",
    )


async def test_a_version_that_cannot_be_read_does_not_stop_the_call(
    scripted: Any, monkeypatch: pytest.MonkeyPatch, clients: Clients, newest: Function
) -> None:
    # It may run longer than the newest one: giving up early would lose its answer.
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", scripted.url)
    scripted.will_refuse(403, "AccessDeniedException", "not authorized")
    found, note = await Versions(at_home(clients), Threads(1), ttl_s=60).of(newest, "live")
    assert found.timeout_s == LONGEST_TIMEOUT_S
    assert found.memory_mb == newest.memory_mb
    assert "not authorized" in note


async def test_the_same_name_elsewhere_has_versions_of_its_own(
    shop: LocalAws, settled_clients: Clients, newest: Function
) -> None:
    elsewhere = Clients(region="eu-west-1", profile="")
    versions = Versions(Places(settled_clients, lambda place: elsewhere), Threads(1), ttl_s=60)
    shop.deploy([replace(demo_function(NAME), memory_mb=2048)], region="eu-west-1")
    found = [(await versions.of(replace(newest, region=region), "2"))[0] for region in ("us-east-1", "eu-west-1")]
    assert [function.memory_mb for function in found] == [512, 2048]


def demo_function(name: str) -> LocalFunction:
    return next(function for function in demo_functions() if function.name == name)

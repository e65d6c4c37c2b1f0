"""Schemas read from the registry once, and what is said when one cannot be read or used."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.local import LocalAws, LocalSchema
from lambdascope_proxy.schema_store import SchemaStore
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio
Enter = Callable[[Mapping[str, str]], None]
ARN = "arn:aws:schemas:us-east-1:123456789012:schema/shop"
DRAFT4 = "JSONSchemaDraft4"


def at_home(clients: Clients) -> Places:
    """Where nothing but home is needed."""
    return Places(clients, lambda place: clients)


def number_of(minimum: int) -> tuple[str, str]:
    return DRAFT4, json.dumps({"type": "object", "properties": {"id": {"type": "integer", "minimum": minimum}}})


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Any:
    schemas = [
        LocalSchema(registry="shop", name="Order", versions={"1": number_of(1), "2": number_of(100)}),
        LocalSchema(registry="shop", name="Broken", versions={"1": (DRAFT4, '{"type": 7}')}),
    ]
    with LocalAws([], schemas) as aws:
        yield aws


@pytest.fixture(autouse=True)
def in_registry(registry: LocalAws, enter: Enter) -> None:
    enter(registry.environment())


@pytest.fixture
def store(settled_clients: Clients) -> SchemaStore:
    return SchemaStore(at_home(settled_clients), Threads(2), "schema", ttl_s=60)


@pytest.fixture
def tagged(function_of: Callable[..., Function]) -> Callable[[str], Function]:
    return lambda name: function_of(tags={"schema": name if name.startswith("arn") else f"{ARN}/{name}"})


async def test_a_function_without_the_tag_has_no_schema_and_nothing_is_asked(
    store: SchemaStore, function_of: Callable[..., Function], settled_clients: Clients
) -> None:
    for tags in (None, {}, {"other": "x"}, {"schema": ""}):
        assert await store.of(function_of(tags=tags)) is None
    assert await SchemaStore(at_home(settled_clients), Threads(1), "", ttl_s=60).of(function_of(tags={"": "x"})) is None


async def test_the_newest_version_is_read_compiled_and_kept(
    store: SchemaStore,
    tagged: Callable[[str], Function],
    settled_clients: Clients,
    operations: Callable[[Any], Sequence[str]],
) -> None:
    seen = operations(settled_clients.reader("schemas"))
    found = await store.of(tagged("Order"))
    assert found is not None
    assert (found.arn, found.version) == (f"{ARN}/Order", "2")
    assert found.schema["properties"]["id"] == {"type": "integer", "minimum": 100}
    assert found.problems({"id": 100}) == []
    assert "id" in found.problems({"id": 99})[0]
    assert await store.of(tagged("Order")) is found
    assert list(seen) == ["DescribeSchema"]


async def test_an_older_version_is_read_when_asked_for(store: SchemaStore, tagged: Callable[[str], Function]) -> None:
    found = await store.of(tagged("Order"), "1")
    assert found is not None
    assert (found.version, found.problems({"id": 1})) == ("1", [])


async def failure(store: SchemaStore, function: Function, version: str = "") -> CallFailed:
    with pytest.raises(CallFailed) as failed:
        await store.of(function, version)
    return failed.value


async def test_a_version_that_does_not_exist_is_told_with_those_that_do(
    store: SchemaStore, tagged: Callable[[str], Function]
) -> None:
    failed = await failure(store, tagged("Order"), "9")
    assert (failed.kind, str(failed)) == (OutcomeKind.NOT_FOUND, "Schema Order has no version '9'.")
    assert failed.failure.hint.startswith("Use one of 1, 2,")


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("Missing", OutcomeKind.NOT_FOUND, "Missing"),
        ("Broken", OutcomeKind.TOOL_ERROR, "not valid"),
        ("arn:nonsense", OutcomeKind.TOOL_ERROR, "not the ARN of a schema"),
    ],
)
async def test_a_schema_that_cannot_be_had_says_why(
    store: SchemaStore, tagged: Callable[[str], Function], name: str, kind: OutcomeKind, words: str
) -> None:
    failed = await failure(store, tagged(name))
    assert failed.kind is kind
    assert words in str(failed)
    assert failed.failure.hint


async def test_what_cannot_be_had_is_not_asked_for_at_every_call(
    store: SchemaStore,
    tagged: Callable[[str], Function],
    settled_clients: Clients,
    operations: Callable[[Any], Sequence[str]],
) -> None:
    seen = operations(settled_clients.reader("schemas"))
    for name in ("Broken", "Missing"):
        for _ in range(3):
            await failure(store, tagged(name))
    assert list(seen) == ["DescribeSchema"] * 2


async def test_a_kept_schema_is_read_again_after_its_time(
    tagged: Callable[[str], Function], settled_clients: Clients, operations: Callable[[Any], Sequence[str]]
) -> None:
    store = SchemaStore(at_home(settled_clients), Threads(1), "schema", ttl_s=0)
    seen = operations(settled_clients.reader("schemas"))
    for _ in range(2):
        assert await store.of(tagged("Order")) is not None
    assert list(seen) == ["DescribeSchema"] * 2


async def test_a_registry_that_refuses_is_an_outcome_of_aws(
    scripted: Any,
    enter: Enter,
    registry: LocalAws,
    clients: Clients,
    tagged: Callable[[str], Function],
) -> None:
    enter({**registry.environment(), "AWS_ENDPOINT_URL_SCHEMAS": scripted.url})
    scripted.will_refuse(403, "ForbiddenException", "not authorized")
    failed = await failure(SchemaStore(at_home(clients), Threads(1), "schema", ttl_s=60), tagged("Order"))
    assert (failed.kind, failed.failure.error_type) == (OutcomeKind.ACCESS_DENIED, "ForbiddenException")


def test_the_tag_is_where_the_setting_says(store: SchemaStore, function_of: Callable[..., Function]) -> None:
    assert store.arn_of(function_of(tags={"schema": "arn:x", "other": "arn:y"})) == "arn:x"


async def test_a_schema_is_read_in_the_region_and_account_its_arn_names(
    registry: LocalAws, settled_clients: Clients, tagged: Callable[[str], Function]
) -> None:
    asked: list[Place] = []
    elsewhere = Clients(region="eu-west-1", profile="")
    places = Places(settled_clients, lambda place: asked.append(place) or elsewhere, ["222222222222"])
    there = {"1": (DRAFT4, '{"type": "string"}')}
    registry.deploy([], [LocalSchema(registry="shop", name="Order", versions=there)], region="eu-west-1")
    store = SchemaStore(places, Threads(1), "schema", ttl_s=60)
    found = await store.of(tagged("arn:aws:schemas:eu-west-1:222222222222:schema/shop/Order"))
    assert found is not None
    assert found.schema["type"] == "string"
    assert asked == [Place(region="eu-west-1", account_id="222222222222")]


async def test_a_schema_in_a_region_that_does_not_exist_is_not_asked_for(
    store: SchemaStore, tagged: Callable[[str], Function]
) -> None:
    failed = await failure(store, tagged("arn:aws:schemas:eu-west-9:123456789012:schema/shop/Order"))
    assert (failed.failure.error_type, "eu-west-9" in str(failed)) == ("SchemaUnusable", True)

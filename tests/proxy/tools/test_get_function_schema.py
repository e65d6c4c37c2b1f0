"""The tool that shows what a function takes, against the demo's registry."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.catalog import Catalog
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.local.demo import SCHEMA_TAG, demo_functions
from lambdascope_proxy.schema_store import SchemaStore
from lambdascope_proxy.selection import Function, Selection
from lambdascope_proxy.threads import Threads
from lambdascope_proxy.tools.get_function_schema import GetFunctionSchema

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("in_shop")]
Ask = Callable[..., Any]


def at_home(clients: Clients) -> Places:
    """Where nothing but home is needed."""
    return Places(clients, lambda place: clients)


@pytest.fixture
def ask(
    settled_clients: Clients,
    call_of: Callable[..., Call],
    function_of: Callable[..., Function],
    catalogs_of: Callable[[Catalog], Catalogs],
) -> Ask:
    found = tuple(function_of(f.name, tags=f.tags, description=f.description) for f in demo_functions())

    async def discover(with_tags: bool) -> tuple[Function, ...]:
        return found

    async def run(name: str, tag_key: str = SCHEMA_TAG, **arguments: Any) -> Outcome:
        catalog = Catalog(discover, Selection(prefix="demo-"), ttl_s=60, with_tags=True)
        tool = GetFunctionSchema(
            catalogs_of(catalog), SchemaStore(at_home(settled_clients), Threads(1), tag_key, ttl_s=60), tag_key
        )
        return await tool.run(call_of({"function_name": name, **arguments}, tool=tool))

    return run


async def test_the_newest_schema_is_shown_as_json_schema(ask: Ask) -> None:
    outcome = await ask("demo-order-status")
    assert outcome.kind is OutcomeKind.OK
    assert json.loads(outcome.text) == outcome.data
    assert outcome.data["schema_version"] == "2"
    assert outcome.data["schema_arn"].endswith("schema/demo-shop/OrderStatus")
    assert outcome.data["schema"]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert outcome.data["schema"]["properties"]["order_id"]["minimum"] == 1000
    assert outcome.data["description"].startswith("Tells where an order is")
    assert "examples" not in outcome.data
    assert outcome.notes == ()


async def test_an_older_version_is_shown_when_asked_for(ask: Ask) -> None:
    outcome = await ask("demo-order-status", schema_version="1")
    assert (outcome.data["schema_version"], "minimum" in json.dumps(outcome.data["schema"])) == ("1", False)


async def test_an_openapi_document_becomes_json_schema_too_with_examples(ask: Ask) -> None:
    data = (await ask("demo-create-order", include_examples=True)).data
    assert data["schema"]["required"] == ["customer", "lines"]
    assert data["examples"]
    assert all({"customer", "lines"} <= set(example) for example in data["examples"])


async def test_a_function_without_schema_is_told_plainly_and_why(ask: Ask) -> None:
    outcome = await ask("demo-shipping-quote", include_examples=True)
    assert (outcome.kind, outcome.data["schema"], outcome.data["examples"]) == (OutcomeKind.OK, None, [])
    assert SCHEMA_TAG in outcome.notes[0]
    unset = await ask("demo-order-status", tag_key="")
    assert "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY" in unset.notes[0]


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "words"),
    [
        ("payroll", {}, OutcomeKind.REFUSED, "payroll"),
        ("demo-none", {}, OutcomeKind.NOT_FOUND, "demo-none"),
        ("demo-order-status", {"schema_version": "9"}, OutcomeKind.NOT_FOUND, "no version '9'"),
    ],
)
async def test_what_cannot_be_shown_is_a_failure(
    ask: Ask, name: str, arguments: dict[str, Any], kind: OutcomeKind, words: str
) -> None:
    with pytest.raises(CallFailed, match=words) as failed:
        await ask(name, **arguments)
    assert failed.value.kind is kind


@pytest.mark.parametrize(("name", "aimed"), [("a", "a"), (7, None), (None, None)])
def test_it_stays_with_us_and_knows_the_function_it_is_about(name: Any, aimed: str | None) -> None:
    nothing: Any = None
    assert GetFunctionSchema(nothing, nothing, "").aim({"function_name": name}) == Aim(function_name=aimed)

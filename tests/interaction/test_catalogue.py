"""What an agent learns before it calls: which functions there are, what they take; and long results, read on."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.proxies import HttpProxy, Stage

from lambdascope_proxy.local import LocalAws, LocalFunction

pytestmark = pytest.mark.anyio

ECHO = Path(__file__).parent / "functions" / "echo"
MOST_BYTES = 5_000


@pytest.fixture
async def client(proxy: HttpProxy) -> AsyncGenerator[Client]:
    async with proxy.client() as connected:
        yield connected


@pytest.fixture(scope="module")
def town() -> Generator[LocalAws]:
    """120 functions of two runtimes, every tenth of them tagged."""
    functions = [
        LocalFunction(
            name=f"town-{number:03}",
            code=ECHO,
            runtime="python3.13" if number % 2 else "nodejs22.x",
            tags={"team": "blue", "tier": str(number % 20)} if number % 10 == 0 else {"team": "red"},
        )
        for number in range(120)
    ]
    with LocalAws(functions) as aws:
        yield aws


@pytest.fixture(scope="module")
def town_proxy(house: Stage, town: LocalAws) -> HttpProxy:
    settings = {"FUNCTION_PREFIX": "town-", "FUNCTION_LIST": None}
    return house.having(**town.environment(), **settings).serve_http()


@pytest.fixture
async def visitor(town_proxy: HttpProxy) -> AsyncGenerator[Client]:
    async with town_proxy.client() as connected:
        yield connected


async def test_120_functions_come_in_pages_each_exactly_once_and_in_order(visitor: Client) -> None:
    names: list[str] = []
    cursor: str | None = None
    sizes: list[int] = []
    while True:
        page = await ask(visitor, "list_functions", **({"cursor": cursor} if cursor else {}))
        assert page["total"] == 120
        names += [entry["name"] for entry in page["functions"]]
        sizes.append(len(page["functions"]))
        if (cursor := page["next_cursor"]) is None:
            break
    assert sizes == [50, 50, 20]
    assert names == [f"town-{number:03}" for number in range(120)]


async def test_filters_narrow_the_list_and_can_be_combined(visitor: Client) -> None:
    blue = await ask(visitor, "list_functions", filter_by_tags={"team": "blue"})
    assert [entry["name"] for entry in blue["functions"]] == [f"town-{number:03}" for number in range(0, 120, 10)]
    both = await ask(visitor, "list_functions", filter_by_tags={"team": "blue", "tier": "10"})
    assert both["total"] == 6
    assert (await ask(visitor, "list_functions", runtime_filter="python"))["total"] == 60
    assert (await ask(visitor, "list_functions", runtime_filter="python", filter_by_tags={"team": "blue"}))[
        "total"
    ] == 0
    assert (await ask(visitor, "list_functions", filter_by_tags={"team": "green"}))["functions"] == []


@pytest.mark.parametrize(
    "arguments",
    [{"filter_by_tags": {"team": 1}}, {"filter_by_tags": "team"}, {"cursor": 3}, {"include_metadata": "yes"}],
)
async def test_wrong_arguments_of_the_list_are_refused_by_name(visitor: Client, arguments: dict[str, Any]) -> None:
    answer = await ask(visitor, "list_functions", **arguments)
    assert (answer["is_error"], answer["outcome"]) == (True, "invalid_arguments")
    assert next(iter(arguments)) in answer["error_message"]


async def test_metadata_tells_what_decides_on_time_and_price(client: Client) -> None:
    listed = await ask(client, "list_functions", include_metadata=True)
    entry = next(entry for entry in listed["functions"] if entry["name"] == "demo-create-order")
    known = ("runtime", "architecture", "memory_mb", "timeout_s", "package_type", "has_schema")
    assert [entry[name] for name in known] == ["python3.13", "x86_64", 256, 3, "Zip", True]
    assert entry["tags"]["team"] == "orders"
    assert "payroll" not in {entry["name"] for entry in listed["functions"]}, "what is not allowed is not shown"


async def test_a_question_about_functions_is_recorded_without_a_price(client: Client, house: Stage) -> None:
    answer = await ask(client, "get_function_schema", function_name="payroll")
    row = await house.row(answer["call_id"])
    assert (row["tool_name"], row["target"], row["function_name"]) == ("get_function_schema", "self", "payroll")
    assert (row["outcome"], row["cost_usd"], row["cost_source"], row["invoke_ms"]) == ("refused", None, "none", None)


@pytest.mark.parametrize(
    ("function", "good", "bad"),
    [
        (
            "demo-create-order",
            {"customer": "a@example.com", "lines": [{"sku": "mug", "quantity": 1}], "express": None},
            {"customer": "a@example.com", "lines": []},
        ),
        ("demo-order-status", {"order_id": 1001}, {"order_id": 1}),
    ],
    ids=["OpenApi3", "JSONSchemaDraft4"],
)
async def test_both_kinds_of_schema_become_json_schema_and_their_examples_keep_it(
    client: Client, function: str, good: Any, bad: Any
) -> None:
    answer = await ask(client, "get_function_schema", function_name=function, include_examples=True)
    validator: Any = jsonschema.Draft202012Validator(answer["schema"])
    validator.check_schema(answer["schema"])
    assert validator.is_valid(good)
    assert not validator.is_valid(bad)
    assert answer["examples"]
    for example in answer["examples"]:
        validator.validate(example)
    assert answer["schema_arn"].startswith("arn:aws:schemas:")


async def test_an_example_payload_is_one_that_the_function_takes(client: Client) -> None:
    answer = await ask(client, "get_function_schema", function_name="demo-create-order", include_examples=True)
    for example in answer["examples"]:
        assert (await invoke(client, "demo-create-order", example))["outcome"] == "ok"


async def test_versions_of_a_schema_can_be_asked_for_and_an_unknown_one_names_those_there_are(client: Client) -> None:
    newest = await ask(client, "get_function_schema", function_name="demo-order-status")
    first = await ask(client, "get_function_schema", function_name="demo-order-status", schema_version="1")
    assert (newest["schema_version"], first["schema_version"]) == ("2", "1")
    assert newest["schema"]["properties"]["order_id"]["minimum"] == 1000
    assert "minimum" not in first["schema"]["properties"]["order_id"]
    unknown = await ask(client, "get_function_schema", function_name="demo-order-status", schema_version="7")
    assert (unknown["is_error"], unknown["outcome"]) == (True, "not_found")
    assert "'7'" in unknown["error_message"]
    assert "1, 2" in unknown["next_step"]


async def test_a_function_without_a_schema_says_so_and_what_to_go_by(client: Client) -> None:
    answer = await ask(client, "get_function_schema", function_name="odd-echo", include_examples=True)
    assert not answer["is_error"]
    assert (answer["schema"], answer["examples"]) == (None, [])
    assert "lambdascope:schema" in "".join(answer["notes"])


@pytest.mark.parametrize("length", [None, 1_234])
async def test_a_result_too_long_for_one_answer_is_cut_and_can_be_read_to_its_end(
    stage: Stage, length: int | None
) -> None:
    """Characters of one to four bytes: a part must neither break one nor lose or repeat any."""
    whole = '"' + "aé€😀" * 4_000 + '"'
    async with stage.having(LAMBDASCOPE_MAX_RESULT_BYTES=str(MOST_BYTES)).client("stdio") as client:
        answer = await invoke(client, "odd-big", {"times": 4_000})
        assert answer["outcome"] == "ok"
        assert "result" not in answer
        assert len(answer["texts"][0].encode()) <= MOST_BYTES
        assert whole.startswith(answer["texts"][0])
        assert f"{len(whole.encode())} bytes" in "".join(answer["notes"])
        assert answer["call_id"] in "".join(answer["notes"]), "the note says how to read on"
        read, offset = "", 0
        while offset is not None:
            part = await ask(
                client,
                "read_result",
                call_id=answer["call_id"],
                offset=offset,
                **({} if length is None else {"length": length}),
            )
            assert part["total"] == len(whole)
            assert part["texts"][0] == part["text"]
            assert part["text"], "no part is empty, so reading on comes to an end"
            assert len(part["text"].encode()) <= MOST_BYTES, "a part fits, too"
            read += part["text"]
            offset = part["next_offset"]
        assert read == whole
        unknown = await ask(client, "read_result", call_id="00000000-0000-7000-8000-000000000000")
        assert (unknown["is_error"], unknown["outcome"]) == (True, "not_found")
        assert "Call the function again" in unknown["next_step"]
        assert (await stage.row(answer["call_id"]))["response_bytes"] == len(whole.encode())

"""Functions of two accounts and two regions behind one proxy: found, called where they are, and recorded so."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.proxies import Stage

from lambdascope_proxy.local import LocalAws, LocalFunction, LocalRole, LocalSchema

pytestmark = pytest.mark.anyio

HOME, OTHER = "123456789012", "222222222222"
ROLE = f"arn:aws:iam::{OTHER}:role/reader"
SETTING = f"{ROLE}?external_id=moon"
WHERE = "def handler(event, context):\n    return context.invoked_function_arn\n"
POSITIVE = '{"type": "object", "properties": {"count": {"type": "integer", "minimum": 1}}, "required": ["count"]}'
COUNT = LocalSchema(registry="shop", name="Count", versions={"1": ("JSONSchemaDraft4", POSITIVE)})
COUNT_ARN = f"arn:aws:schemas:us-east-1:{OTHER}:schema/shop/Count"


def arn(account_id: str, region: str, name: str) -> str:
    return f"arn:aws:lambda:{region}:{account_id}:function:{name}"


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of a function that tells where it is."""
    directory = tmp_path_factory.mktemp("where")
    (directory / "app.py").write_text(WHERE)
    return directory


def world_of(code: Path, *, session_s: int = 3600) -> LocalAws:
    """`fn-shared` in three of four places, one function of its own in each, and one that is not allowed."""

    def named(*names: str, **more: Any) -> list[LocalFunction]:
        return [LocalFunction(name=name, code=code, timeout_s=10, **more) for name in names]

    role = LocalRole(arn=ROLE, external_id="moon", session_s=session_s)
    aws = LocalAws(named("fn-shared", "fn-home"), roles=[role])
    aws.deploy(named("fn-shared", "fn-europe", architecture="arm64"), region="eu-west-1")
    aws.deploy(named("fn-shared", "payroll"), account_id=OTHER)
    aws.deploy(named("fn-other", tags={"schema": COUNT_ARN}), [COUNT], account_id=OTHER)
    aws.deploy(named("fn-far"), account_id=OTHER, region="eu-west-1")
    return aws


@pytest.fixture(scope="module")
def world(code: Path) -> Generator[LocalAws]:
    with world_of(code) as aws:
        yield aws


def stage_at(house: Stage, aws: LocalAws, **settings: str | None) -> Stage:
    """The shared stage, but in this world."""
    ours = {
        "FUNCTION_PREFIX": "fn-",
        "FUNCTION_LIST": None,
        "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": "schema",
        "LAMBDASCOPE_REGIONS": "eu-west-1,ap-south-1",
        "LAMBDASCOPE_ROLE_ARNS": SETTING,
    }
    return house.having(**aws.environment(), **{**ours, **settings})


@pytest.fixture(scope="module")
def url(house: Stage, world: LocalAws) -> Any:
    """One proxy for most tests: a process costs seconds."""
    return stage_at(house, world).serve_http()


@pytest.fixture
async def client(url: Any) -> AsyncGenerator[Client]:
    async with url.client() as connected:
        yield connected


@asynccontextmanager
async def client_at(house: Stage, aws: LocalAws, **settings: str | None) -> AsyncGenerator[Client]:
    """A client of a proxy of its own."""
    async with stage_at(house, aws, **settings).serve_http().client() as connected:
        yield connected


async def test_the_list_holds_both_accounts_with_full_names_where_plain_ones_are_shared(client: Client) -> None:
    listed = await ask(client, "list_functions")
    assert [(entry["name"], entry["account_id"]) for entry in listed["functions"]] == [
        ("fn-home", HOME),
        ("fn-other", OTHER),
        (f"{HOME}:us-east-1:fn-shared", HOME),
        (f"{OTHER}:us-east-1:fn-shared", OTHER),
    ]
    there = await ask(client, "list_functions", region="eu-west-1", include_metadata=True)
    assert [(entry["name"], entry["account_id"]) for entry in there["functions"]] == [
        ("fn-europe", HOME),
        ("fn-far", OTHER),
        ("fn-shared", HOME),
    ]
    assert there["region"] == "eu-west-1"
    assert there["functions"][0]["architecture"] == "arm64"


@pytest.mark.parametrize(
    ("name", "more", "place"),
    [
        ("fn-home", {}, (HOME, "us-east-1", "fn-home")),
        ("fn-other", {"payload": {"count": 1}}, (OTHER, "us-east-1", "fn-other")),
        ("fn-europe", {"region": "eu-west-1"}, (HOME, "eu-west-1", "fn-europe")),
        ("fn-shared", {"region": "eu-west-1"}, (HOME, "eu-west-1", "fn-shared")),
        ("eu-west-1:fn-far", {}, (OTHER, "eu-west-1", "fn-far")),
        (f"{OTHER}:us-east-1:fn-shared", {}, (OTHER, "us-east-1", "fn-shared")),
        (arn(HOME, "us-east-1", "fn-shared"), {}, (HOME, "us-east-1", "fn-shared")),
    ],
)
async def test_a_function_runs_where_its_name_says_and_is_recorded_and_priced_there(
    client: Client, house: Stage, world: LocalAws, name: str, more: dict[str, Any], place: tuple[str, str, str]
) -> None:
    account_id, region, plain = place
    journal = world.journal_at(region, account_id)
    before = journal.executions(plain)
    answer = await invoke(client, name, **more)
    assert (answer["outcome"], answer["result"]) == ("ok", arn(*place))
    assert journal.executions(plain) == before + 1
    row = await house.row(answer["call_id"])
    known = ("function_name", "region", "account_id", "outcome", "cost_source")
    assert [row[column] for column in known] == [plain, region, account_id, "ok", "measured"]
    assert row["architecture"] == ("arm64" if region == "eu-west-1" and account_id == HOME else "x86_64")
    assert row["cost_usd"] > 0


async def test_a_shared_name_is_refused_with_the_names_to_take(client: Client, house: Stage) -> None:
    answer = await invoke(client, "fn-shared")
    assert (answer["is_error"], answer["outcome"], answer["error_type"]) == (
        True,
        "invalid_arguments",
        "AmbiguousFunction",
    )
    for account_id in (HOME, OTHER):
        assert f"{account_id}:us-east-1:fn-shared" in answer["next_step"]
    row = await house.row(answer["call_id"])
    assert (row["function_name"], row["error_type"], row["region"]) == ("fn-shared", "AmbiguousFunction", None)


async def test_a_schema_of_another_account_is_shown_and_payloads_are_held_against_it(client: Client) -> None:
    shown = await ask(client, "get_function_schema", function_name="fn-other")
    assert shown["schema_arn"] == COUNT_ARN
    assert shown["schema"]["properties"]["count"]["minimum"] == 1
    refused = await invoke(client, "fn-other", {"count": 0})
    assert (refused["outcome"], "count" in refused["error_message"]) == ("invalid_arguments", True)


@pytest.mark.parametrize(
    ("arguments", "outcome", "words"),
    [
        ({"function_name": "payroll"}, "refused", "FUNCTION_PREFIX=fn-"),
        ({"function_name": f"{OTHER}:us-east-1:payroll"}, "refused", "FUNCTION_PREFIX=fn-"),
        ({"function_name": "fn-europe"}, "not_found", "fn-europe"),
        ({"function_name": "fn-home", "region": "us-east-9"}, "invalid_arguments", "no AWS region 'us-east-9'"),
        ({"function_name": "fn-home", "region": "mars"}, "invalid_arguments", "region"),
        ({"function_name": "cn-north-1:fn-home"}, "invalid_arguments", "aws-cn"),
        ({"function_name": "999999999999:us-east-1:fn-home"}, "invalid_arguments", f"{HOME}, {OTHER}"),
        ({"function_name": "eu-west-1:fn-shared", "region": "us-east-1"}, "invalid_arguments", "eu-west-1"),
    ],
)
async def test_a_place_or_name_that_cannot_be_meant_is_a_clear_error(
    client: Client, arguments: dict[str, Any], outcome: str, words: str
) -> None:
    for tool in ("invoke_function", "get_function_schema"):
        answer = await ask(client, tool, **arguments)
        assert (answer["is_error"], answer["outcome"]) == (True, outcome)
        assert words in answer["error_message"]


async def test_a_region_where_nothing_is_lists_nothing(client: Client) -> None:
    listed = await ask(client, "list_functions", region="ap-south-1")
    assert (listed["functions"], listed["region"]) == ([], "ap-south-1")
    assert "FUNCTION_PREFIX=fn-" in "".join(listed["notes"])


@pytest.mark.parametrize("setting", [ROLE, f"{ROLE}?external_id=sun", f"arn:aws:iam::{OTHER}:role/gone"])
async def test_an_account_that_cannot_be_entered_hides_no_other_and_says_why(
    house: Stage, world: LocalAws, setting: str
) -> None:
    async with client_at(house, world, LAMBDASCOPE_ROLE_ARNS=setting) as client:
        assert (await invoke(client, "fn-home"))["result"] == arn(HOME, "us-east-1", "fn-home")
        listed = await ask(client, "list_functions")
        assert [entry["name"] for entry in listed["functions"]] == ["fn-home", "fn-shared"]
        absent = await invoke(client, "fn-other")
        denied = await invoke(client, f"{OTHER}:us-east-1:fn-other")
    assert absent["outcome"] == "not_found"
    assert (denied["outcome"], denied["error_type"]) == ("access_denied", "AssumeRoleDenied")
    for said in ("".join(listed["notes"]), absent["error_message"], denied["error_message"]):
        assert f"assuming {setting.partition('?')[0]} (sts:AssumeRole)" in said
    assert "external id" in denied["next_step"]


async def test_credentials_near_their_end_are_renewed_and_a_role_that_is_gone_ends_the_access(
    house: Stage, code: Path
) -> None:
    """Sessions of 5 minutes: botocore renews them before each request. The ended ones would be refused."""
    with world_of(code, session_s=300) as aws:
        async with client_at(house, aws) as client:
            for _ in range(2):
                assert (await invoke(client, "fn-other", {"count": 1}))["outcome"] == "ok"
                aws.end_sessions()
            aws.remove_role(ROLE)
            gone = await invoke(client, "fn-other", {"count": 1})
            assert (gone["outcome"], gone["error_type"]) == ("access_denied", "AssumeRoleDenied")
            assert (await invoke(client, "fn-home"))["outcome"] == "ok"
            row = await house.row(gone["call_id"])
    assert (row["function_name"], row["account_id"], row["duration_ms"]) == ("fn-other", OTHER, None)


async def test_credentials_that_last_are_kept(house: Stage, code: Path) -> None:
    """What the test above would miss if every call assumed the role: here the kept keys are refused once ended."""
    with world_of(code) as aws:
        async with client_at(house, aws) as client:
            assert (await invoke(client, "fn-other", {"count": 1}))["outcome"] == "ok"
            aws.end_sessions()
            refused = await invoke(client, "fn-other", {"count": 1})
    assert (refused["outcome"], refused["error_type"]) == ("access_denied", "UnrecognizedClientException")


async def test_tools_of_functions_are_those_of_home_even_where_a_name_is_shared(house: Stage, world: LocalAws) -> None:
    async with client_at(house, world, LAMBDASCOPE_EXPOSE="functions") as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert {name for name in names if name.startswith("fn-")} == {"fn-home", "fn-shared"}
        assert (await ask(client, "fn-shared"))["result"] == arn(HOME, "us-east-1", "fn-shared")


async def test_other_regions_are_refused_by_every_tool_until_they_are_allowed(house: Stage, world: LocalAws) -> None:
    """A prefix is chosen for the region one works in; elsewhere it may admit what nobody meant."""
    before = world.executions("fn-shared")
    asked: list[tuple[str, dict[str, Any]]] = [
        ("list_functions", {"region": "eu-west-1"}),
        ("invoke_function", {"function_name": "fn-shared", "region": "eu-west-1"}),
        ("invoke_function", {"function_name": "eu-west-1:fn-shared"}),
        ("invoke_function", {"function_name": f"arn:aws:lambda:eu-west-1:{OTHER}:function:fn-far"}),
        ("monitor_executions", {"function_name": "fn-shared", "region": "eu-west-1"}),
        ("monitor_fleet", {"region": "eu-west-1"}),
        ("query_logs", {"function_names": ["fn-shared"], "preset": "errors", "region": "eu-west-1"}),
    ]
    async with client_at(house, world, LAMBDASCOPE_REGIONS=None) as client:
        for tool, arguments in asked:
            answer = await client.call_tool(tool, arguments)
            facts: Any = answer.structured_content
            assert (facts["outcome"], facts["error_type"]) == ("refused", "RegionNotAllowed"), (tool, arguments)
    assert world.executions("fn-shared") == before

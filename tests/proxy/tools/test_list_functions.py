"""The tool that shows which functions may be called."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anyio
import pytest

from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.catalog import Catalog
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function, Selection
from lambdascope_proxy.tools.list_functions import PAGE, ListFunctions

pytestmark = pytest.mark.anyio
Ask = Callable[..., Any]


class Account:
    """Functions as discovery would find them."""

    def __init__(self, functions: tuple[Function, ...], catalogs_of: Callable[[Catalog], Catalogs]) -> None:
        self.functions = functions
        self._catalogs_of = catalogs_of
        self.failure: CallFailed | None = None
        self.wanted_tags: list[bool] = []
        self.now = 0.0

    async def discover(self, with_tags: bool) -> tuple[Function, ...]:
        self.wanted_tags.append(with_tags)
        if self.failure:
            raise self.failure
        return self.functions

    async def read_again(self, tool: ListFunctions, ask: Ask) -> None:
        """Has the catalogue read once more, which it does beside the call."""
        self.now += 100
        await ask(tool)
        await anyio.wait_all_tasks_blocked()

    def tool(self) -> ListFunctions:
        selection = Selection(prefix="f")
        catalog = Catalog(self.discover, selection, ttl_s=60, with_tags=False, clock=lambda: self.now)
        return ListFunctions(self._catalogs_of(catalog), "schema")


@pytest.fixture
def account(function_of: Callable[..., Function], catalogs_of: Callable[[Catalog], Catalogs]) -> Account:
    def numbered(number: int) -> Function:
        runtime = "python3.13" if number % 2 else "nodejs24.x"
        tags = {"team": "a" if number % 3 else "b", "env": "prod"}
        return function_of(f"f{number:03}", runtime=runtime if number else None, tags=tags, description=f"No. {number}")

    return Account(tuple(numbered(number) for number in range(120)), catalogs_of)


@pytest.fixture
def ask(call_of: Callable[..., Call]) -> Ask:
    async def run(tool: ListFunctions, **arguments: Any) -> Outcome:
        return await tool.run(call_of(arguments, tool=tool))

    return run


def names(outcome: Outcome) -> list[str]:
    return [entry["name"] for entry in outcome.data["functions"]]


async def test_pages_follow_one_another_without_gap_or_repetition(account: Account, ask: Ask) -> None:
    tool, seen, cursor = account.tool(), list[str](), None
    pages = 0
    while pages == 0 or cursor:
        outcome = await ask(tool, **({"cursor": cursor} if cursor else {}))
        seen += names(outcome)
        cursor = outcome.data["next_cursor"]
        pages += 1
    assert pages == 3
    assert seen == [f"f{number:03}" for number in range(120)]
    assert len(account.wanted_tags) == 1


async def test_a_page_holds_when_functions_come_and_go_between_two(account: Account, ask: Ask) -> None:
    tool = account.tool()
    first = await ask(tool)
    account.functions = tuple(f for f in account.functions if f.name not in {"f000", first.data["next_cursor"]})
    await account.read_again(tool, ask)
    assert names(await ask(tool, cursor=first.data["next_cursor"]))[0] == f"f{PAGE:03}"


async def test_a_page_is_told_in_text_and_data_alike(account: Account, ask: Ask) -> None:
    outcome = await ask(account.tool())
    assert outcome.kind is OutcomeKind.OK
    assert json.loads(outcome.text) == outcome.data
    assert (outcome.data["total"], outcome.data["region"], len(names(outcome))) == (120, "us-east-1", PAGE)
    assert outcome.data["functions"][0] == {"name": "f000", "description": "No. 0"}
    assert outcome.data["read_at"].endswith("+00:00")
    assert account.wanted_tags == [False]  # tags cost calls: only when asked for


async def test_metadata_comes_when_asked_for_with_tags(account: Account, ask: Ask) -> None:
    outcome = await ask(account.tool(), include_metadata=True)
    assert outcome.data["functions"][1] == {
        "name": "f001",
        "description": "No. 1",
        "runtime": "python3.13",
        "architecture": "x86_64",
        "memory_mb": 128,
        "timeout_s": 3,
        "package_type": "Zip",
        "last_modified": None,
        "tags": {"team": "a", "env": "prod"},
    }
    assert account.wanted_tags == [True]


@pytest.mark.parametrize(
    ("arguments", "total"),
    [
        ({"runtime_filter": "python"}, 60),
        ({"runtime_filter": "nodejs24.x"}, 59),
        ({"runtime_filter": "ruby"}, 0),
        ({"runtime_filter": ""}, 120),
        ({"filter_by_tags": {"team": "b"}}, 40),
        ({"filter_by_tags": {"team": "b", "env": "prod"}}, 40),
        ({"filter_by_tags": {"team": "b", "env": "test"}}, 0),
        ({"filter_by_tags": {}}, 120),
        ({"filter_by_tags": {"team": "b"}, "runtime_filter": "python"}, 20),
    ],
)
async def test_filters_narrow_the_list(account: Account, ask: Ask, arguments: dict[str, Any], total: int) -> None:
    assert (await ask(account.tool(), **arguments)).data["total"] == total


async def test_a_filter_by_tag_reads_tags(account: Account, ask: Ask) -> None:
    await ask(account.tool(), filter_by_tags={"team": "b"})
    assert account.wanted_tags == [True]


async def test_a_registered_schema_is_told(account: Account, ask: Ask, function_of: Callable[..., Function]) -> None:
    account.functions = (function_of("f1", tags={"schema": "arn:x"}), function_of("f2", tags={"schema": ""}))
    entries = (await ask(account.tool())).data["functions"]
    assert [entry.get("has_schema") for entry in entries] == [True, None]


async def test_an_empty_list_says_what_was_looked_for(account: Account, ask: Ask) -> None:
    account.functions = ()
    outcome = await ask(account.tool())
    assert outcome.data["functions"] == []
    assert outcome.notes == ("No function of this account and region matches FUNCTION_PREFIX=f.",)


async def test_an_old_list_says_that_it_is_old(account: Account, ask: Ask) -> None:
    tool = account.tool()
    await ask(tool)
    account.failure = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "AWS says no.", "Grant it.")
    await account.read_again(tool, ask)
    outcome = await ask(tool)
    assert len(names(outcome)) == PAGE
    assert outcome.notes == ("AWS could not be asked again, this list may be old: AWS says no. Grant it.",)


async def test_a_list_that_cannot_be_read_is_a_failure_and_never_empty(account: Account, ask: Ask) -> None:
    account.failure = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "AWS says no.")
    with pytest.raises(CallFailed, match="AWS says no"):
        await ask(account.tool())


async def test_an_empty_cursor_is_refused_and_one_past_the_end_is_the_end(account: Account, ask: Ask) -> None:
    with pytest.raises(CallFailed) as failed:
        await ask(account.tool(), cursor="")
    assert failed.value.kind is OutcomeKind.INVALID_ARGUMENTS
    past = await ask(account.tool(), cursor="zzz")
    assert (names(past), past.data["next_cursor"], past.data["total"]) == ([], None, 120)


def test_it_is_aimed_at_ourselves(account: Account) -> None:
    assert account.tool().aim({"cursor": 3}) == Aim()


async def test_a_filter_by_tags_that_cannot_be_read_is_a_failure_and_showing_them_is_not(
    account: Account, ask: Ask
) -> None:
    # Unknown tags match nothing: the filter would say that there is no such function.
    account.functions = tuple(replace(function, tags=None) for function in account.functions)
    with pytest.raises(CallFailed, match="tags could not be read") as failed:
        await ask(account.tool(), filter_by_tags={"team": "a"})
    assert failed.value.kind is OutcomeKind.ACCESS_DENIED
    shown = await ask(account.tool(), include_metadata=True)
    assert shown.data["functions"][0]["tags"] is None


OTHER = "222222222222"


class TwoAccounts:
    """Home with 60 functions, and another account with 60 of which every second has the same name."""

    def __init__(self, function_of: Callable[..., Function]) -> None:
        first = function_of("f", tags={"team": "a"})  # has the end of a page fall between two of one name
        self.home = [first, *(function_of(f"f{number:03}", tags={"team": "a"}) for number in range(60))]
        self.other = [
            replace(each, name=name, arn=f"arn:other:{name}", account_id=OTHER)
            for each in self.home[1:]
            for name in [each.name if int(each.name[1:]) % 2 else f"{each.name}-b"]
        ]
        self.failure: CallFailed | None = None

    def tool(self) -> ListFunctions:
        async def settle_region(asked: str | None) -> str:
            return asked or "us-east-1"

        catalogs = Catalogs(self._catalog(""), lambda place: self._catalog(place.account_id), settle_region, [OTHER])
        return ListFunctions(catalogs, "")

    def _catalog(self, account_id: str) -> Catalog:
        async def discover(with_tags: bool) -> tuple[Function, ...]:
            if account_id and self.failure:
                raise self.failure
            return tuple(self.other if account_id else self.home)

        return Catalog(discover, Selection(prefix="f"), ttl_s=60, with_tags=False)


@pytest.fixture
def both(function_of: Callable[..., Function]) -> TwoAccounts:
    return TwoAccounts(function_of)


async def test_pages_hold_the_functions_of_all_accounts_each_once(both: TwoAccounts, ask: Ask) -> None:
    tool, seen, cursor = both.tool(), list[tuple[str, str]](), ""
    while cursor is not None:
        outcome = await ask(tool, **({"cursor": cursor} if cursor else {}))
        seen += [(entry["name"], entry["account_id"]) for entry in outcome.data["functions"]]
        cursor = outcome.data["next_cursor"]
    assert len(seen) == len(set(seen)) == outcome.data["total"] == 121
    assert seen[:5] == [
        ("f", "123456789012"),
        ("f000", "123456789012"),
        ("f000-b", OTHER),
        ("123456789012:us-east-1:f001", "123456789012"),
        (f"{OTHER}:us-east-1:f001", OTHER),
    ]


async def test_an_account_that_is_missing_from_the_list_is_named_beside_it(both: TwoAccounts, ask: Ask) -> None:
    both.failure = CallFailed(OutcomeKind.ACCESS_DENIED, "AssumeRoleDenied", "No entry.", "Check it.")
    outcome = await ask(both.tool(), filter_by_tags={"team": "a"})
    assert outcome.data["total"] == 61
    assert outcome.notes == (f"The functions of account {OTHER} could not be read: No entry. Check it.",)


async def test_functions_whose_tags_are_unknown_in_one_account_are_left_out_and_that_is_said(
    both: TwoAccounts, ask: Ask
) -> None:
    both.other = [replace(each, tags=None) for each in both.other]
    outcome = await ask(both.tool(), filter_by_tags={"team": "a"})
    assert outcome.data["total"] == 61
    assert outcome.notes == ("Functions whose tags could not be read are left out.",)


async def test_a_list_of_another_region_says_how_to_call_what_is_in_it(both: TwoAccounts, ask: Ask) -> None:
    outcome = await ask(both.tool(), region="eu-west-1")
    assert outcome.notes == ("Give the same region when you call these.",)

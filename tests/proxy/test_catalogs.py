"""Functions found by name in one region or another, in one account or another, and what is said when they are not."""

import asyncio

import anyio
import pytest

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.catalog import RETRY_FAILED_S, Catalog
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function, Place, Selection

pytestmark = pytest.mark.anyio
HOME, BLUE, GREEN = "111111111111", "222222222222", "333333333333"
DENIED = CallFailed(OutcomeKind.ACCESS_DENIED, "AssumeRoleDenied", "The role may not be assumed.", "Check it.")


class World:
    """Functions by place, as discovery would find them; a place may fail, or answer only when it is let."""

    def __init__(self) -> None:
        self.names: dict[Place, list[str]] = {}
        self.failures: dict[Place, CallFailed] = {}
        self.held: dict[Place, asyncio.Event] = {}
        self.read: list[Place] = []
        self.settled: list[str | None] = []
        self.now = 0.0
        self.selection = Selection(allow_all=True)

    def catalogs(self, *accounts: str) -> Catalogs:
        return Catalogs(self._catalog(Place(region="us-east-1")), self._catalog, self._settle, accounts)

    async def _settle(self, asked: str | None) -> str:
        self.settled.append(asked)
        if asked == "us-east-9":
            raise CallFailed(OutcomeKind.INVALID_ARGUMENTS, "UnknownRegion", "There is no such region.")
        return asked or "us-east-1"

    def _catalog(self, place: Place) -> Catalog:
        account_id = place.account_id or HOME

        async def discover(with_tags: bool) -> tuple[Function, ...]:
            self.read.append(place)
            if place in self.held:
                await self.held[place].wait()
            if place in self.failures:
                raise self.failures[place]
            prefix = f"arn:aws:lambda:{place.region}:{account_id}:function:"
            return tuple(
                Function(name=name, arn=prefix + name, region=place.region, account_id=account_id)
                for name in self.names.get(place, [])
                if self.selection.admits(name, {})
            )

        return Catalog(discover, self.selection, ttl_s=60, with_tags=False, clock=lambda: self.now)


@pytest.fixture
def world() -> World:
    made = World()
    made.names = {
        Place(region="us-east-1"): ["orders", "bills"],
        Place(region="eu-west-1"): ["orders", "stock"],
        Place(region="us-east-1", account_id=BLUE): ["orders", "mail"],
        Place(region="eu-west-1", account_id=BLUE): ["mail"],
        Place(region="us-east-1", account_id=GREEN): ["films"],
    }
    return made


async def failure(catalogs: Catalogs, name: str, region: str | None = None) -> CallFailed:
    with pytest.raises(CallFailed) as failed:
        await catalogs.find(name, region)
    return failed.value


async def test_a_plain_name_without_other_accounts_asks_nothing_but_the_home_catalogue(world: World) -> None:
    # The path of every call: it must not grow with what others need.
    assert (await world.catalogs().find("orders")).arn == f"arn:aws:lambda:us-east-1:{HOME}:function:orders"
    assert (world.read, world.settled) == ([Place(region="us-east-1")], [])


@pytest.mark.parametrize(
    ("name", "region", "place"),
    [
        ("stock", "eu-west-1", (HOME, "eu-west-1")),
        ("orders", "us-east-1", (HOME, "us-east-1")),
        ("eu-west-1:stock", None, (HOME, "eu-west-1")),
        (f"{BLUE}:us-east-1:orders", None, (BLUE, "us-east-1")),
        (f"{HOME}:us-east-1:orders", None, (HOME, "us-east-1")),
        (f"arn:aws:lambda:eu-west-1:{BLUE}:function:mail", None, (BLUE, "eu-west-1")),
        ("mail", None, (BLUE, "us-east-1")),
        ("mail", "eu-west-1", (BLUE, "eu-west-1")),
        ("films", None, (GREEN, "us-east-1")),
    ],
)
async def test_a_function_is_found_wherever_its_name_and_region_say(
    world: World, name: str, region: str | None, place: tuple[str, str]
) -> None:
    accounts = [BLUE, GREEN] if name != "orders" else []
    found = await world.catalogs(*accounts).find(name, region)
    assert (found.account_id, found.region) == place


async def test_a_name_in_two_accounts_is_refused_with_the_full_names(world: World) -> None:
    catalogs = world.catalogs(BLUE, GREEN)
    failed = await failure(catalogs, "orders")
    assert (failed.kind, failed.failure.error_type) == (OutcomeKind.INVALID_ARGUMENTS, "AmbiguousFunction")
    for account_id in (HOME, BLUE):
        full = f"{account_id}:us-east-1:orders"
        assert full in failed.failure.hint
        assert (await catalogs.find(full)).account_id == account_id


async def test_what_is_aimed_at_an_account_is_found_there_only(world: World) -> None:
    assert (await world.catalogs(BLUE).find("orders", account_id=HOME)).account_id == HOME


async def test_a_region_that_does_not_exist_is_refused_and_not_asked(world: World) -> None:
    for name, region in (("orders", "us-east-9"), ("us-east-9:orders", None)):
        assert (await failure(world.catalogs(BLUE), name, region)).failure.error_type == "UnknownRegion"
    assert world.read == []


async def test_an_account_out_of_reach_is_named_with_those_in_reach(world: World) -> None:
    failed = await failure(world.catalogs(BLUE), "999999999999:us-east-1:orders")
    assert failed.failure.error_type == "UnknownAccount"
    assert f"{HOME}, {BLUE}" in str(failed)
    assert "LAMBDASCOPE_ROLE_ARNS" in failed.failure.hint


async def test_all_accounts_are_read_at_once(world: World) -> None:
    """Each waits for both: one after the other would wait for ever."""
    gate = asyncio.Event()
    world.held = {Place(region="us-east-1"): gate, Place(region="us-east-1", account_id=BLUE): gate}
    async with asyncio.TaskGroup() as tasks:
        finding = tasks.create_task(world.catalogs(BLUE).find("mail"))
        await anyio.wait_all_tasks_blocked()
        assert len(world.read) == 2
        gate.set()
    assert finding.result().account_id == BLUE


async def test_an_account_that_cannot_be_read_hides_no_other_and_is_tried_again_beside_the_calls(world: World) -> None:
    blue = Place(region="us-east-1", account_id=BLUE)
    world.failures[blue] = DENIED
    catalogs = world.catalogs(BLUE, GREEN)
    assert (await catalogs.find("orders")).account_id == HOME
    assert (await catalogs.find("films")).account_id == GREEN
    assert world.read.count(blue) == 1
    # It comes back, but slowly: who asks for something else does not wait.
    world.failures, world.held[blue] = {}, asyncio.Event()
    world.now += RETRY_FAILED_S
    assert (await catalogs.find("bills")).account_id == HOME
    await anyio.wait_all_tasks_blocked()
    assert world.read.count(blue) == 2
    world.held[blue].set()
    await anyio.wait_all_tasks_blocked()
    assert (await failure(catalogs, "orders")).failure.error_type == "AmbiguousFunction"


async def test_what_is_not_found_says_which_account_could_not_be_read(world: World) -> None:
    world.failures[Place(region="us-east-1", account_id=BLUE)] = DENIED
    failed = await failure(world.catalogs(BLUE, GREEN), "mail")
    assert failed.kind is OutcomeKind.NOT_FOUND
    assert f"{BLUE}: The role may not be assumed." in str(failed)
    # Asked for by its account, the reason is the answer.
    assert await failure(world.catalogs(BLUE), f"{BLUE}:us-east-1:mail") is DENIED


async def test_when_no_account_can_be_read_the_first_reason_is_the_answer(world: World) -> None:
    for account_id in ("", BLUE):
        world.failures[Place(region="us-east-1", account_id=account_id)] = DENIED
    assert await failure(world.catalogs(BLUE), "orders") is DENIED
    with pytest.raises(CallFailed) as failed:
        await world.catalogs(BLUE).snapshot()
    assert failed.value is DENIED


async def test_a_function_just_deployed_in_another_account_is_found(world: World) -> None:
    catalogs = world.catalogs(BLUE)
    await catalogs.find("mail")
    world.names[Place(region="us-east-1", account_id=BLUE)].append("fresh")
    assert (await failure(catalogs, "fresh")).kind is OutcomeKind.NOT_FOUND
    world.now += 15
    assert (await catalogs.find("fresh")).account_id == BLUE


async def test_a_slow_account_is_waited_for_a_while_only_but_our_own_until_it_answers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdascope_proxy.catalogs.FIRST_READ_S", 0.01)
    home, blue = Place(region="us-east-1"), Place(region="us-east-1", account_id=BLUE)
    world.held = {blue: asyncio.Event()}
    assert (await world.catalogs(BLUE).find("orders")).account_id == HOME
    # The other account has a function of that name, too: it must not be taken for ours.
    world.held = {home: asyncio.Event()}
    catalogs = world.catalogs(BLUE)
    async with asyncio.TaskGroup() as tasks:
        finding = tasks.create_task(failure(catalogs, "orders"))
        await asyncio.sleep(0.05)
        assert not finding.done()
        world.held[home].set()
    assert finding.result().failure.error_type == "AmbiguousFunction"


async def test_a_role_in_our_own_account_makes_nothing_ambiguous(world: World) -> None:
    catalogs = world.catalogs(HOME)
    world.names[Place(region="us-east-1", account_id=HOME)] = ["orders", "bills"]
    assert (await catalogs.find("orders")).account_id == HOME
    assert [f.name for f in (await catalogs.snapshot()).functions] == ["bills", "orders"]
    assert catalogs.accounts == ()


async def test_a_list_holds_the_functions_of_all_accounts_by_names_that_find_them(world: World) -> None:
    catalogs = world.catalogs(BLUE, GREEN)
    snapshot = await catalogs.snapshot()
    assert list(snapshot.by_name) == [
        "bills",
        "films",
        "mail",
        f"{HOME}:us-east-1:orders",
        f"{BLUE}:us-east-1:orders",
    ]
    for name, function in snapshot.by_name.items():
        assert await catalogs.find(name) == function
    there = await catalogs.snapshot("eu-west-1")
    assert [(f.name, f.account_id) for f in there.functions] == [("mail", BLUE), ("orders", HOME), ("stock", HOME)]


async def test_a_list_says_which_account_is_missing(world: World) -> None:
    world.failures[Place(region="us-east-1", account_id=BLUE)] = DENIED
    snapshot = await world.catalogs(BLUE).snapshot()
    assert list(snapshot.by_name) == ["bills", "orders"]
    assert snapshot.unread == (
        f"The functions of account {BLUE} could not be read: The role may not be assumed. Check it.",
    )


@pytest.mark.parametrize("name", ["payroll", f"{BLUE}:us-east-1:payroll", "eu-west-1:payroll"])
async def test_the_allow_list_holds_in_every_place(world: World, name: str) -> None:
    world.selection = Selection(prefix="o")
    for names in world.names.values():
        names.append("payroll")
    assert (await failure(world.catalogs(BLUE), name)).kind is OutcomeKind.REFUSED


async def test_nothing_allowed_is_said_before_anything_is_asked(world: World) -> None:
    world.selection = Selection()
    for name in ("orders", f"{BLUE}:us-east-1:orders"):
        assert (await failure(world.catalogs(BLUE), name)).failure.error_type == "NothingAllowed"
    assert world.read == []


async def test_the_home_region_of_all_accounts_is_kept_fresh(world: World) -> None:
    catalogs = world.catalogs(BLUE)
    keeping = asyncio.create_task(catalogs.keep_fresh())
    await anyio.wait_all_tasks_blocked()
    keeping.cancel()
    assert {place.account_id for place in world.read} == {"", BLUE}
    assert (await catalogs.find("mail")).account_id == BLUE
    assert len(world.read) == 2

"""The cached functions: how old they may be, who reads them, and what is said when they cannot be read."""

from collections.abc import Callable

import anyio
import pytest

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.catalog import MISS_REFRESH_S, Catalog
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function, Selection

pytestmark = pytest.mark.anyio
TTL_S = 300.0
DENIED = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDeniedException", "AWS says no.", "Grant it.")


class Account:
    """What AWS would tell, the time, and how often it was asked."""

    def __init__(self, function_of: Callable[..., Function]) -> None:
        self._function_of = function_of
        self.names = ["orders"]
        self.failure: Exception | None = None
        self.tag_failure: Exception | None = None
        self.now = 1000.0
        self.reads: list[bool] = []

    async def discover(self, with_tags: bool) -> tuple[Function, ...]:
        self.reads.append(with_tags)
        await anyio.lowlevel.checkpoint()
        failure = self.failure or (self.tag_failure if with_tags else None)
        if failure:
            raise failure
        tags = {"team": "a"} if with_tags else None
        return tuple(self._function_of(name, tags=tags) for name in self.names)

    def catalog(self, selection: Selection | None = None, *, with_tags: bool = False) -> Catalog:
        return Catalog(
            self.discover,
            selection or Selection(prefix="o"),
            ttl_s=TTL_S,
            with_tags=with_tags,
            clock=lambda: self.now,
        )


@pytest.fixture
def account(function_of: Callable[..., Function]) -> Account:
    return Account(function_of)


def names(functions: tuple[Function, ...]) -> list[str]:
    return [function.name for function in functions]


async def test_nothing_is_read_before_it_is_asked_for(account: Account) -> None:
    assert account.catalog().known is None
    assert account.reads == []


async def test_functions_are_read_once_within_their_time_and_again_after_it(account: Account) -> None:
    catalog = account.catalog()
    first = await catalog.snapshot()
    account.now += TTL_S - 0.1
    assert await catalog.snapshot() is first
    assert catalog.known is first
    account.names = ["orders", "other"]
    account.now += 0.2
    assert names((await catalog.snapshot()).functions) == ["orders", "other"]
    assert account.reads == [False, False]


async def test_readers_at_once_share_one_read(account: Account) -> None:
    catalog = account.catalog()
    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(catalog.snapshot)
    assert len(account.reads) == 1


async def test_a_reader_that_goes_away_does_not_leave_the_others_waiting(account: Account) -> None:
    catalog = account.catalog()
    async with anyio.create_task_group() as tasks:
        with anyio.CancelScope() as leaving:
            tasks.start_soon(catalog.snapshot)
            leaving.cancel()
            await catalog.snapshot()
    with anyio.fail_after(20):
        assert names((await catalog.snapshot()).functions) == ["orders"]


async def test_a_first_read_that_fails_is_told_and_tried_again_at_once(account: Account) -> None:
    catalog = account.catalog()
    account.failure = DENIED
    for _ in range(2):
        with pytest.raises(CallFailed, match="AWS says no"):
            await catalog.snapshot()
    account.failure = None
    assert names((await catalog.snapshot()).functions) == ["orders"]
    assert len(account.reads) == 3


async def test_a_later_read_that_fails_keeps_the_functions_and_says_that_they_are_old(account: Account) -> None:
    catalog = account.catalog()
    fresh = await catalog.snapshot()
    account.failure, account.now = DENIED, account.now + TTL_S
    stale = await catalog.snapshot()
    assert (stale.functions, stale.read_at) == (fresh.functions, fresh.read_at)
    assert stale.stale_reason == "AWS says no. Grant it."
    assert await catalog.snapshot() is stale  # not asked again before its time
    account.failure, account.now = None, account.now + TTL_S
    assert (await catalog.snapshot()).stale_reason == ""


async def test_a_defect_in_reading_is_not_hidden_behind_old_functions(account: Account) -> None:
    catalog = account.catalog()
    await catalog.snapshot()
    account.failure, account.now = KeyError("FunctionArn"), account.now + TTL_S
    with pytest.raises(KeyError):
        await catalog.snapshot()


async def test_tags_are_read_when_first_wanted_and_from_then_on(account: Account) -> None:
    catalog = account.catalog()
    assert not (await catalog.snapshot()).has_tags
    assert (await catalog.snapshot(with_tags=True)).has_tags
    account.now += TTL_S
    assert (await catalog.snapshot()).has_tags
    assert account.reads == [False, True, True]


async def test_tags_are_read_from_the_start_when_the_settings_need_them(account: Account) -> None:
    assert (await account.catalog(with_tags=True).snapshot()).has_tags
    assert account.reads == [True]


async def test_tags_that_cannot_be_read_fail_only_what_wants_them(account: Account) -> None:
    # One look with metadata must not stop every later call of a role that may not read tags.
    catalog = account.catalog()
    account.tag_failure = DENIED
    with pytest.raises(CallFailed, match="AWS says no"):
        await catalog.snapshot(with_tags=True)
    assert (await catalog.find("orders")).name == "orders"
    with pytest.raises(CallFailed, match="AWS says no"):
        await catalog.snapshot(with_tags=True)
    assert (await catalog.find("orders")).name == "orders"


async def test_listeners_hear_of_each_change_once(account: Account) -> None:
    catalog, heard = account.catalog(), list[str]()

    async def hear() -> None:
        heard.append(",".join(account.names))

    catalog.on_change(hear)
    for known in (["orders"], ["orders"], ["orders", "other"], ["orders", "other"], ["other"]):
        account.names = known
        await catalog.snapshot()
        account.now += TTL_S
    assert heard == ["orders,other", "other"]


async def test_reading_tags_as_well_is_no_change(account: Account) -> None:
    catalog, heard = account.catalog(), list[int]()

    async def hear() -> None:
        heard.append(1)

    catalog.on_change(hear)
    await catalog.snapshot()
    await catalog.snapshot(with_tags=True)
    assert heard == []


async def test_a_listener_that_fails_does_not_fail_the_reader_or_the_next_listener(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    catalog, heard = account.catalog(), list[int]()

    async def fail() -> None:
        raise ConnectionError("gone")

    async def hear() -> None:
        heard.append(1)

    catalog.on_change(fail)
    catalog.on_change(hear)
    await catalog.snapshot()
    account.names, account.now = ["other"], account.now + TTL_S
    assert names((await catalog.snapshot()).functions) == ["other"]
    assert heard == [1]
    assert "telling clients" in caplog.text


async def kind_of_missing(catalog: Catalog, name: str) -> tuple[str, str]:
    with pytest.raises(CallFailed) as failed:
        await catalog.find(name)
    assert failed.value.failure.hint or failed.value.failure.error_type == "NothingAllowed"
    return failed.value.kind.value, failed.value.failure.error_type


async def test_a_function_is_found_by_its_name(account: Account) -> None:
    assert (await account.catalog().find("orders")).name == "orders"


async def test_a_name_outside_the_allow_list_is_refused_without_another_read(account: Account) -> None:
    catalog = account.catalog()
    await catalog.snapshot()
    account.now += MISS_REFRESH_S
    assert await kind_of_missing(catalog, "payroll") == ("refused", "NotAllowed")
    assert len(account.reads) == 1


async def test_an_allowed_name_that_is_missing_is_looked_for_once_more(account: Account) -> None:
    # A function deployed a moment ago is found before the list is due again.
    catalog = account.catalog()
    await catalog.snapshot()
    account.now += MISS_REFRESH_S
    account.names = ["orders", "orders-new"]
    assert (await catalog.find("orders-new")).name == "orders-new"


async def test_a_missing_name_is_not_found_and_cannot_be_used_to_flood_aws(account: Account) -> None:
    catalog = account.catalog()
    for number in range(20):
        assert await kind_of_missing(catalog, f"o{number}") == ("not_found", "FunctionNotFound")
    assert len(account.reads) == 1
    account.now += MISS_REFRESH_S
    for number in range(20):
        await kind_of_missing(catalog, f"o{number}")
    assert len(account.reads) == 2


async def test_when_nothing_is_allowed_the_error_names_the_settings_and_aws_is_not_asked(account: Account) -> None:
    catalog = account.catalog(Selection())
    assert await kind_of_missing(catalog, "orders") == ("refused", "NothingAllowed")
    with pytest.raises(CallFailed, match="FUNCTION_PREFIX"):
        await catalog.snapshot()
    assert account.reads == []


async def test_the_background_goes_on_after_a_failure(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog, pauses = account.catalog(), list[float]()
    account.failure = DENIED

    async def pause(delay_s: float) -> None:
        pauses.append(delay_s)
        account.failure, account.now = None, account.now + delay_s
        if len(pauses) == 3:
            raise TimeoutError

    monkeypatch.setattr(anyio, "sleep", pause)
    with pytest.raises(TimeoutError):
        await catalog.keep_fresh()
    assert pauses == [TTL_S] * 3
    assert len(account.reads) == 3
    assert catalog.known is not None

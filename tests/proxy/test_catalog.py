"""The cached functions: how old they may be, who reads them, and what is said when they cannot be read."""

import asyncio
from collections.abc import Callable

import anyio
import pytest

from lambdascope_proxy import catalog as catalog_module
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.catalog import FAILURE_STANDS_S, MISS_REFRESH_S, RETRY_FAILED_S, Catalog
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function, Selection

pytestmark = pytest.mark.anyio
TTL_S = 300.0


def denied() -> CallFailed:
    return CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDeniedException", "AWS says no.", "Grant it.")


class Account:
    """What AWS would tell and when, the time, and how often it was asked."""

    def __init__(self, function_of: Callable[..., Function]) -> None:
        self._function_of = function_of
        self.names = ["orders"]
        self.failure: Exception | None = None
        self.tag_failure: Exception | None = None
        self.now = 1000.0
        self.reads: list[bool] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def discover(self, with_tags: bool) -> tuple[Function, ...]:
        self.reads.append(with_tags)
        await self.may_answer.wait()
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
async def account(function_of: Callable[..., Function]) -> Account:
    return Account(function_of)


async def read_again(account: Account, catalog: Catalog, after_s: float = TTL_S + 1) -> None:
    """Lets time pass, and the read it makes due come to its end."""
    account.now += after_s
    await catalog.snapshot()
    await anyio.wait_all_tasks_blocked()


async def names(catalog: Catalog) -> list[str]:
    return [function.name for function in (await catalog.snapshot()).functions]


async def test_nothing_is_read_before_it_is_asked_for(account: Account) -> None:
    assert account.catalog().known is None
    assert account.reads == []


async def test_functions_are_read_once_within_their_time_and_again_after_it(account: Account) -> None:
    catalog = account.catalog()
    first = await catalog.snapshot()
    account.names = ["orders", "other"]
    account.now += TTL_S
    assert await catalog.snapshot() is first
    assert catalog.known is first
    await read_again(account, catalog, after_s=1)
    assert await names(catalog) == ["orders", "other"]
    assert account.reads == [False, False]


async def test_a_call_never_waits_for_a_read_that_only_refreshes(account: Account) -> None:
    # A control plane that hangs must not hold up calls of functions that are known.
    catalog = account.catalog()
    await catalog.snapshot()
    account.may_answer.clear()
    account.now += TTL_S + 1
    with anyio.fail_after(20):
        for _ in range(3):
            assert (await catalog.find("orders")).name == "orders"
    await anyio.wait_all_tasks_blocked()
    assert len(account.reads) == 2
    account.may_answer.set()
    await anyio.wait_all_tasks_blocked()


async def test_readers_at_once_share_one_read(account: Account) -> None:
    catalog = account.catalog()
    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(catalog.snapshot)
    assert len(account.reads) == 1


async def test_a_reader_that_goes_away_does_not_take_the_read_with_it(account: Account) -> None:
    catalog = account.catalog()
    account.may_answer.clear()
    with anyio.move_on_after(0.01) as leaving:
        await catalog.snapshot()
    assert leaving.cancelled_caught
    account.may_answer.set()
    with anyio.fail_after(20):
        assert await names(catalog) == ["orders"]
    assert len(account.reads) == 1


async def test_a_first_read_that_fails_is_told_and_soon_tried_again(account: Account) -> None:
    catalog = account.catalog()
    account.failure = denied()
    for _ in range(20):
        with pytest.raises(CallFailed, match="AWS says no"):
            await catalog.snapshot()
    assert len(account.reads) == 1  # a burst of calls is one request
    assert catalog.failure is account.failure
    account.failure, account.now = None, account.now + FAILURE_STANDS_S + 0.1
    assert await names(catalog) == ["orders"]
    assert catalog.failure is None


async def test_a_later_read_that_fails_keeps_the_functions_and_says_that_they_are_old(account: Account) -> None:
    catalog = account.catalog()
    fresh = await catalog.snapshot()
    account.failure = denied()
    await read_again(account, catalog)
    stale = await catalog.snapshot()
    assert (stale.functions, stale.read_at) == (fresh.functions, fresh.read_at)
    assert stale.stale_reason == "AWS says no. Grant it."
    account.failure = None
    await read_again(account, catalog)
    assert (await catalog.snapshot()).stale_reason == ""


async def test_a_defect_of_ours_is_logged_whole_told_without_details_and_never_an_empty_list(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    account.failure = KeyError("arn:aws:lambda:secret")
    with pytest.raises(CallFailed) as failed:
        await account.catalog().snapshot()
    assert (failed.value.kind, failed.value.failure.error_type) == (OutcomeKind.TOOL_ERROR, "KeyError")
    assert "secret" not in f"{failed.value} {failed.value.failure.hint}"
    assert "secret" in caplog.text


async def test_tags_are_read_when_first_wanted_and_from_then_on(account: Account) -> None:
    catalog = account.catalog()
    assert not (await catalog.snapshot()).has_tags
    assert (await catalog.snapshot(with_tags=True)).has_tags
    await read_again(account, catalog)
    assert (await catalog.snapshot()).has_tags
    assert account.reads == [False, True, True]


async def test_tags_are_read_from_the_start_when_the_settings_need_them(account: Account) -> None:
    assert (await account.catalog(with_tags=True).snapshot()).has_tags
    assert account.reads == [True]


async def test_who_wants_tags_does_not_take_a_read_that_began_without(account: Account) -> None:
    catalog = account.catalog()
    account.may_answer.clear()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(catalog.snapshot)
        await anyio.wait_all_tasks_blocked()

        async def want_tags() -> None:
            assert (await catalog.snapshot(with_tags=True)).has_tags

        tasks.start_soon(want_tags)
        await anyio.wait_all_tasks_blocked()
        account.may_answer.set()
    assert account.reads == [False, True]


async def test_tags_that_cannot_be_read_fail_only_what_wants_them(account: Account) -> None:
    # One look with metadata must not stop every later call of a role that may not read tags.
    catalog = account.catalog()
    account.tag_failure = denied()
    with pytest.raises(CallFailed, match="AWS says no"):
        await catalog.snapshot(with_tags=True)
    account.now += FAILURE_STANDS_S + 0.1
    for _ in range(2):
        assert (await catalog.find("orders")).name == "orders"
        with pytest.raises(CallFailed, match="AWS says no"):
            await catalog.snapshot(with_tags=True)


async def test_listeners_hear_of_every_read_that_succeeded(account: Account) -> None:
    catalog, heard = account.catalog(), list[int]()

    async def hear() -> None:
        assert catalog.known is not None
        heard.append(len(catalog.known.functions))

    catalog.on_read(hear)
    await catalog.snapshot()
    await catalog.snapshot()
    account.names = ["orders", "other"]
    await read_again(account, catalog)
    account.failure = denied()
    await read_again(account, catalog)
    assert heard == [1, 2]


async def test_a_listener_that_fails_or_hangs_stops_neither_the_reader_nor_the_next_listener(
    account: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(catalog_module, "LISTENER_S", 0.01)
    catalog, heard = account.catalog(), asyncio.Event()

    async def fail() -> None:
        raise ConnectionError("gone")

    async def hear() -> None:
        heard.set()

    for listener in (fail, anyio.sleep_forever, hear):
        catalog.on_read(listener)
    assert await names(catalog) == ["orders"]
    with anyio.fail_after(20):
        await heard.wait()
    assert "telling of the functions" in caplog.text


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
    account.now += MISS_REFRESH_S + 1
    assert await kind_of_missing(catalog, "payroll") == ("refused", "NotAllowed")
    assert len(account.reads) == 1


async def test_an_allowed_name_that_is_missing_is_looked_for_once_more(account: Account) -> None:
    # A function deployed a moment ago is found before the list is due again.
    catalog = account.catalog()
    await catalog.snapshot()
    account.now += MISS_REFRESH_S + 1
    account.names = ["orders", "orders-new"]
    assert (await catalog.find("orders-new")).name == "orders-new"


async def test_a_missing_name_is_not_found_and_cannot_be_used_to_flood_aws(account: Account) -> None:
    catalog = account.catalog()
    for round_ in (1, 2):
        for number in range(20):
            assert await kind_of_missing(catalog, f"o{number}") == ("not_found", "FunctionNotFound")
        assert len(account.reads) == round_
        account.now += MISS_REFRESH_S + 1


async def test_when_nothing_is_allowed_the_error_names_the_settings_and_aws_is_not_asked(account: Account) -> None:
    catalog = account.catalog(Selection())
    assert await kind_of_missing(catalog, "orders") == ("refused", "NothingAllowed")
    with pytest.raises(CallFailed, match="FUNCTION_PREFIX"):
        await catalog.snapshot()
    assert account.reads == []


async def test_the_background_reads_at_every_ttl_and_sooner_after_a_failure(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog, pauses = account.catalog(), list[float]()
    account.failure = denied()

    async def pause(delay_s: float) -> None:
        pauses.append(delay_s)
        account.failure, account.now = None, account.now + delay_s
        if len(pauses) == 3:
            raise TimeoutError

    monkeypatch.setattr(asyncio, "sleep", pause)
    with pytest.raises(TimeoutError):
        await catalog.keep_fresh()
    assert pauses == [RETRY_FAILED_S, TTL_S, TTL_S]
    assert len(account.reads) == 3
    assert catalog.known is not None

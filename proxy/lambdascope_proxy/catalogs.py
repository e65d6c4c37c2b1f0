"""The functions of every region and account that is looked at: a catalogue for each, read when first needed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.catalog import Catalog, Snapshot
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.function_name import FunctionName, full_name, read_function_name
from lambdascope_proxy.merged_snapshot import merged
from lambdascope_proxy.selection import Function, Place

FIRST_READ_S = 5.0
MISSING = frozenset({OutcomeKind.NOT_FOUND, OutcomeKind.REFUSED})

# The region meant by what was asked for, the home region by None; CallFailed for one that cannot be meant.
SettleRegion = Callable[[str | None], Awaitable[str]]


class Catalogs:
    """Finds functions wherever they are; the allow-list is the same everywhere.

    `accounts` are those that roles open. An account that cannot be read hides no other: it is only told of where
    something was not found, and beside a list.
    """

    def __init__(
        self, home: Catalog, make: Callable[[Place], Catalog], settle_region: SettleRegion, accounts: Sequence[str] = ()
    ) -> None:
        self.home = home
        self._make = make
        self._settle_region = settle_region
        self._roles = tuple(accounts)
        self._home_region = ""
        self._made: dict[Place, Catalog] = {}

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts looked at beside home."""
        home = self._home_account()
        return tuple(account_id for account_id in self._roles if account_id != home)

    async def find(self, name: str, region: str | None = None, *, account_id: str | None = None) -> Function:
        """The function of this name, which may hold its region and account or be an ARN.

        Raises: CallFailed: refused when not allowed, not_found, or invalid_arguments for a name that several accounts
        have and for a region or account that cannot be meant.
        """
        if region is None and account_id is None and not self._roles and ":" not in name:
            return await self.home.find(name)
        wanted = read_function_name(name, region)
        account_id = wanted.account_id or account_id
        catalogs = await self._catalogs(wanted.region, account_id)
        if len(catalogs) == 1:
            found = await next(iter(catalogs.values())).find(wanted.name)
        else:
            found = await self._find_among(catalogs, wanted)
        if account_id not in {None, found.account_id}:
            raise self._out_of_reach(str(account_id), found.account_id)
        return found

    async def snapshot(self, region: str | None = None, *, with_tags: bool = False) -> Snapshot:
        """The functions of a region, by default the configured one, in every account.

        Those whose plain name several accounts have are called by their full name. Raises: CallFailed when no account
        can be read.
        """
        if region is None and not self._roles:
            return await self.home.snapshot(with_tags=with_tags)
        catalogs = await self._catalogs(region, None)
        read = await asyncio.gather(*(_read(catalog, with_tags) for catalog in catalogs.values()))
        return merged(dict(zip(catalogs, read, strict=True)))

    async def keep_fresh(self) -> None:
        """Reads the home region of every account again at every TTL, for ever."""
        others: list[Catalog] = []
        if self._roles:
            try:
                others = [each for each in (await self._catalogs(None, None)).values() if each is not self.home]
            except CallFailed:
                others = []  # without a region there is nothing to read, and whoever calls is told so
        async with asyncio.TaskGroup() as tasks:
            for catalog in (self.home, *others):
                tasks.create_task(catalog.keep_fresh())

    async def _catalogs(self, region: str | None, account_id: str | None) -> Mapping[Place, Catalog]:
        """The catalogues to look into, home's account first."""
        self._home_region = self._home_region or await self._settle_region(None)
        settled = self._home_region if region is None else await self._settle_region(region)
        accounts = ("", *self.accounts)
        if account_id is not None:
            accounts = (account_id if account_id in self.accounts else "",)
        places = [Place(region=settled, account_id=each) for each in accounts]
        return {place: self._catalog(place) for place in places}

    def _catalog(self, place: Place) -> Catalog:
        if place == Place(region=self._home_region):
            return self.home
        if place not in self._made:
            self._made[place] = self._make(place)
        return self._made[place]

    async def _find_among(self, catalogs: Mapping[Place, Catalog], wanted: FunctionName) -> Function:
        if self.home.selection.is_empty:
            await self.home.snapshot()  # says which setting is missing
        own, *others = catalogs.values()
        await _first_reads(own, others)
        known = [catalog.known for catalog in catalogs.values()]
        found = _distinct(snapshot.by_name.get(wanted.name) for snapshot in known if snapshot)
        if not found:
            found = await _look_again(catalogs, wanted.name)
        if len(found) > 1:
            raise _ambiguous(wanted.name, found)
        return found[0]

    def _home_account(self) -> str:
        functions = self.home.known.functions if self.home.known else ()
        return functions[0].account_id if functions else ""

    def _out_of_reach(self, account_id: str, home: str) -> CallFailed:
        return CallFailed(
            OutcomeKind.INVALID_ARGUMENTS,
            "UnknownAccount",
            f"Account {account_id} is not one of those looked at: {', '.join((home, *self.accounts))}.",
            "Take a name that list_functions shows; LAMBDASCOPE_ROLE_ARNS adds accounts.",
        )


async def _first_reads(own: Catalog, others: Sequence[Catalog]) -> None:
    """Waits for those that were never read, for others than our own account a while at most.

    One that failed is read again beside the calls.
    """
    waiting = [catalog for catalog in (own, *others) if catalog.peek() is None and catalog.failure is None]
    tasks = [asyncio.create_task(catalog.be_read()) for catalog in waiting if catalog is not own]
    if own in waiting:
        # Whatever it takes: its function must not be mistaken for another account's of the same name.
        await own.be_read()
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=FIRST_READ_S)
        for task in late:
            task.cancel()


async def _look_again(catalogs: Mapping[Place, Catalog], name: str) -> list[Function]:
    """Those just deployed, too. Raises: CallFailed, when no account that can be read has it."""
    answers = await asyncio.gather(*(_find(catalog, name) for catalog in catalogs.values()))
    if found := _distinct(answer for answer in answers if isinstance(answer, Function)):
        return found
    failures = {
        place: answer for place, answer in zip(catalogs, answers, strict=True) if isinstance(answer, CallFailed)
    }
    absent = [failed for failed in failures.values() if failed.kind in MISSING]
    unread = [f"{place.account_id or 'home'}: {failed}" for place, failed in failures.items() if failed not in absent]
    if not absent:
        raise next(iter(failures.values()))
    if not unread:
        raise absent[0]
    hint = "It may be in an account that could not be read; `lambdascope doctor` checks each."
    message = f"{absent[0]} Not every account could be read: {' '.join(unread)}"
    raise CallFailed(absent[0].kind, absent[0].failure.error_type, message, hint)


async def _find(catalog: Catalog, name: str) -> Function | CallFailed:
    try:
        return await catalog.find(name)
    except CallFailed as failed:
        return failed


async def _read(catalog: Catalog, with_tags: bool) -> Snapshot | CallFailed:
    try:
        return await catalog.snapshot(with_tags=with_tags)
    except CallFailed as failed:
        return failed


def _distinct(functions: Iterable[Function | None]) -> list[Function]:
    """Without repetition: home's account may also be reached by a role."""
    return list({function.arn: function for function in functions if function}.values())


def _ambiguous(name: str, found: Sequence[Function]) -> CallFailed:
    names = ", ".join(full_name(function) for function in found)
    return CallFailed(
        OutcomeKind.INVALID_ARGUMENTS,
        "AmbiguousFunction",
        f"{len(found)} accounts have a function {name!r}.",
        f"Give one of {names} as the name.",
    )

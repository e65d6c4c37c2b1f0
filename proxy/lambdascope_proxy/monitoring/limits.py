"""How many executions of a function may run at once: its reservation, else the account's limit; kept for a while."""

from dataclasses import dataclass

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.cloudwatch.sending import Sender
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.remembered import Remembered
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyLimit:
    """The most executions at once, and whether that is of the function alone or shared by the account."""

    limit: int
    is_reserved: bool


class ConcurrencyLimits:
    """Reads lambda:GetFunctionConcurrency, and lambda:GetAccountSettings where nothing is reserved."""

    def __init__(self, places: Places, threads: Threads, *, ttl_s: float) -> None:
        self._places = places
        self._threads = threads
        self._kept: Remembered[tuple[str, ...], ConcurrencyLimit] = Remembered(self._read, ttl_s=ttl_s)

    async def of(self, function: Function) -> ConcurrencyLimit:
        """The limit in force. Raises: CallFailed that names the permission when it cannot be read."""
        place = function.place
        return await self._kept.get((place.account_id, place.region, function.name))

    async def _read(self, key: tuple[str, ...]) -> ConcurrencyLimit | CallFailed:
        account_id, region, name = key
        sender = Sender(self._places, self._threads, Place(account_id=account_id, region=region))
        try:
            return await _reserved(sender, name) or await _of_account(sender)
        except CallFailed as failed:
            return failed


async def _reserved(sender: Sender, name: str) -> ConcurrencyLimit | None:
    answer = await sender.send(
        "lambda:GetFunctionConcurrency",
        f"reading the reserved concurrency of {name}",
        lambda client: client.get_function_concurrency(FunctionName=name),
    )
    reserved = answer.get("ReservedConcurrentExecutions")
    return None if reserved is None else ConcurrencyLimit(limit=reserved, is_reserved=True)


async def _of_account(sender: Sender) -> ConcurrencyLimit:
    answer = await sender.send(
        "lambda:GetAccountSettings", "reading the account's limits", lambda client: client.get_account_settings()
    )
    return ConcurrencyLimit(limit=answer["AccountLimit"]["ConcurrentExecutions"], is_reserved=False)

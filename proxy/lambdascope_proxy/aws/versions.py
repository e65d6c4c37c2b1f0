"""What a version or alias of a function has of its own: timeout, memory, architecture; kept for a while."""

from dataclasses import replace

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.discovery import as_function
from lambdascope_proxy.aws.failures import failure_of
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.remembered import Remembered
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads

LONGEST_TIMEOUT_S = 900
NEWEST = "$LATEST"


class Versions:
    """The function as a qualifier names it."""

    def __init__(self, clients: Clients, threads: Threads, *, ttl_s: float) -> None:
        self._clients = clients
        self._threads = threads
        self._kept: Remembered[tuple[str, str], Function] = Remembered(self._read, ttl_s=ttl_s)

    async def of(self, function: Function, qualifier: str) -> tuple[Function, str]:
        """The function with the qualified version's configuration, and a note when that could not be read.

        Raises: CallFailed(not_found) for a qualifier that does not exist.
        """
        if qualifier == NEWEST:
            return function, ""
        try:
            found = await self._kept.get((function.name, qualifier))
        except CallFailed as failed:
            if failed.kind is OutcomeKind.NOT_FOUND:
                raise
            # The call can do without: it waits as long as any function may run.
            note = (
                f"The price takes {NEWEST}'s architecture and storage for {qualifier}'s, which were not read: {failed}"
            )
            return replace(function, timeout_s=max(function.timeout_s, LONGEST_TIMEOUT_S)), note
        return replace(found, name=function.name, arn=function.arn, tags=function.tags), ""

    async def _read(self, key: tuple[str, str]) -> Function | CallFailed:
        return await self._threads.run(lambda: self._describe(*key))

    def _describe(self, name: str, qualifier: str) -> Function | CallFailed:
        try:
            client = self._clients.reader("lambda")
            return as_function(client.get_function_configuration(FunctionName=name, Qualifier=qualifier), None)
        except Exception as error:
            return failure_of(error, f"reading {qualifier} of {name}", self._clients.region)

"""What a version or alias of a function has of its own: timeout, memory, architecture; kept for a while."""

from dataclasses import replace

from lambdascope_proxy.aws.discovery import as_function
from lambdascope_proxy.aws.failures import failure_of
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.remembered import Remembered
from lambdascope_proxy.selection import Function, Place
from lambdascope_proxy.threads import Threads

LONGEST_TIMEOUT_S = 900
NEWEST = "$LATEST"


class Versions:
    """The function as a qualifier names it."""

    def __init__(self, places: Places, threads: Threads, *, ttl_s: float) -> None:
        self._places = places
        self._threads = threads
        self._kept: Remembered[tuple[str, str, str, str], Function] = Remembered(self._read, ttl_s=ttl_s)

    async def of(self, function: Function, qualifier: str) -> tuple[Function, str]:
        """The function with the qualified version's configuration, and a note when that could not be read.

        Raises: CallFailed(not_found) for a qualifier that does not exist.
        """
        if qualifier == NEWEST:
            return function, ""
        try:
            found = await self._kept.get((function.account_id, function.region, function.name, qualifier))
        except CallFailed as failed:
            if failed.kind is OutcomeKind.NOT_FOUND:
                raise
            # The call can do without: it waits as long as any function may run.
            note = (
                f"The price takes {NEWEST}'s architecture and storage for {qualifier}'s, which were not read: {failed}"
            )
            return replace(function, timeout_s=max(function.timeout_s, LONGEST_TIMEOUT_S)), note
        return replace(found, name=function.name, arn=function.arn, tags=function.tags), ""

    async def _read(self, key: tuple[str, str, str, str]) -> Function | CallFailed:
        account_id, region, name, qualifier = key
        place = Place(region=region, account_id=account_id)
        return await self._threads.run(lambda: self._describe(place, name, qualifier))

    def _describe(self, place: Place, name: str, qualifier: str) -> Function | CallFailed:
        try:
            client = self._places.reader("lambda", place)
            return as_function(client.get_function_configuration(FunctionName=name, Qualifier=qualifier), None)
        except Exception as error:
            return failure_of(error, f"reading {qualifier} of {name}", place.region)

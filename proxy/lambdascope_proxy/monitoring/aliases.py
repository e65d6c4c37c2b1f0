"""Which versions an alias leads to: one, or two while traffic shifts; kept for a while."""

from collections.abc import Mapping
from typing import Any, Final

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.sending import Sender
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.remembered import Remembered
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads

NEWEST: Final = "$LATEST"


class Aliases:
    """Reads lambda:ListAliases, which tells of all aliases of a function at once."""

    def __init__(self, places: Places, threads: Threads, *, ttl_s: float) -> None:
        self._places = places
        self._threads = threads
        self._kept: Remembered[tuple[str, ...], Mapping[str, tuple[str, ...]]] = Remembered(self._read, ttl_s=ttl_s)

    async def versions(self, function: Function, qualifier: str) -> tuple[str, ...]:
        """The versions a qualifier means, the main one first; a version number means itself, unchecked.

        Raises: CallFailed, not_found for an alias that does not exist; one that names the permission if it is missing.
        """
        if qualifier == NEWEST or qualifier.isdecimal():
            return (qualifier,)
        place = function.place
        aliases = await self._kept.get((place.account_id, place.region, function.name))
        if qualifier not in aliases:
            known = f"It has {', '.join(sorted(aliases))}." if aliases else "It has none."
            message = f"Function {function.name!r} has no alias {qualifier!r}. {known}"
            raise CallFailed(OutcomeKind.NOT_FOUND, "AliasNotFound", message, "Give an alias or a version number.")
        return aliases[qualifier]

    async def _read(self, key: tuple[str, ...]) -> Mapping[str, tuple[str, ...]] | CallFailed:
        account_id, region, name = key
        sender = Sender(self._places, self._threads, Place(account_id=account_id, region=region))
        try:
            found = await sender.send(
                "lambda:ListAliases",
                f"reading the aliases of {name}",
                lambda client: list(client.get_paginator("list_aliases").paginate(FunctionName=name)),
            )
        except CallFailed as failed:
            return failed
        return {alias["Name"]: _versions(alias) for page in found for alias in page["Aliases"]}


def _versions(alias: Mapping[str, Any]) -> tuple[str, ...]:
    routing: Mapping[str, Mapping[str, float]] = alias.get("RoutingConfig") or {}
    return (alias["FunctionVersion"], *sorted(routing.get("AdditionalVersionWeights", ())))

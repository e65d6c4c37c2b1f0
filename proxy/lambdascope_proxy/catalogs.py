"""The functions of every region that is asked about: a catalogue for each, made when first needed."""

from collections.abc import Callable

from lambdascope_proxy.catalog import Catalog, Snapshot
from lambdascope_proxy.selection import Function


class Catalogs:
    """Finds functions wherever they are; the allow-list is the same everywhere."""

    def __init__(self, home: Catalog, make: Callable[[str], Catalog]) -> None:
        self.home = home
        self._make = make
        self._made: dict[str, Catalog] = {}

    async def find(self, name: str, region: str | None = None) -> Function:
        """The function of this name. Raises CallFailed: refused when not allowed, else not_found."""
        return await self._catalog(region).find(name)

    async def snapshot(self, region: str | None = None, *, with_tags: bool = False) -> Snapshot:
        """The functions of a region, by default the configured one. Raises CallFailed when they cannot be read."""
        return await self._catalog(region).snapshot(with_tags=with_tags)

    def _catalog(self, region: str | None) -> Catalog:
        if region is None:
            return self.home
        if region not in self._made:
            self._made[region] = self._make(region)
        return self._made[region]

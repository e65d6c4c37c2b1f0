"""The offer files of the regions, as the list's own index leads to them."""

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol, cast

from lambdascope_analytics.errors import PriceListError
from lambdascope_analytics.price_list.offer import OFFER, Offer, read_offer

INDEX: Final = f"/offers/v1.0/aws/{OFFER}/current/region_index.json"
# The China regions' own list.
CHINA_INDEX: Final = f"/offers/v1.0/cn/{OFFER}/current/region_index.json"
CHINA: Final = "https://pricing.cn-north-1.amazonaws.com.cn"
_AT_ONCE: Final = 4
_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]+")
_PATH: Final = re.compile(r"/offers/[\w./-]+\.json")


class Documents(Protocol):
    """Where JSON documents come from."""

    @property
    def base(self) -> str:
        """The address that paths are below."""
        ...

    def document(self, path: str) -> Any:
        """Return the document at `path`. Raises: PriceListError."""
        ...


def read_offers(documents: Documents, regions: Sequence[str] = ()) -> list[Offer]:
    """Return the offers of these regions, or of all that the list has, sorted by region.

    Raises:
        PriceListError: a file cannot be read or has an unknown shape, or the list has no such region.
    """
    paths = _paths(documents.document(index_of(documents.base)))
    if missing := sorted(set(regions) - set(paths)):
        raise PriceListError(f"the list at {documents.base} has no {', '.join(missing)}: it has {', '.join(paths)}")
    asked = sorted(set(regions) or set(paths))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = threads.map(documents.document, [paths[region] for region in asked])
        return [read_offer(document, region) for region, document in zip(asked, found, strict=True)]


def index_of(base: str) -> str:
    """Return the path of the index at this address: hosts in China have the list of the regions there."""
    return CHINA_INDEX if base.endswith(".amazonaws.com.cn") else INDEX


def _paths(index: object) -> dict[str, str]:
    regions: object = cast("Mapping[str, Any]", index).get("regions") if isinstance(index, Mapping) else None
    if not isinstance(regions, Mapping) or not regions:
        raise PriceListError("the region index has no regions: this is not the index of a price list that we know")
    named = cast("Mapping[str, Any]", regions)
    return {region: _path(entry, region) for region, entry in sorted(named.items()) if _REGION.fullmatch(region)}


def _path(entry: object, region: str) -> str:
    path: object = cast("Mapping[str, Any]", entry).get("currentVersionUrl") if isinstance(entry, Mapping) else None
    # Only files of the same list: an index does not get to send us to another host.
    if not isinstance(path, str) or not _PATH.fullmatch(path) or ".." in path:
        raise PriceListError(f"the region index leads to {path!r} for {region}, which is no file of this list")
    return path

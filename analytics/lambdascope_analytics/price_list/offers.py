"""The offer files of the regions, as the list's own index leads to them."""

import re
from collections.abc import Mapping
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


def listed_regions(documents: Documents) -> dict[str, str]:
    """Return the regions that the list has, sorted, each with the path of its offer file.

    Raises:
        PriceListError: the index cannot be read or has an unknown shape.
    """
    index = _mapping(documents.document(index_of(documents.base)))
    regions = _mapping(index.get("regions"))
    if not regions:
        raise PriceListError("the region index has no regions: this is not the index of a price list that we know")
    return {region: _path(entry, region) for region, entry in sorted(regions.items()) if _REGION.fullmatch(region)}


def read_offers(documents: Documents, paths: Mapping[str, str]) -> list[Offer]:
    """Return the offers in these files of regions, in their order.

    Raises:
        PriceListError: a file cannot be read or has an unknown shape.
    """
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = threads.map(documents.document, paths.values())
        return [read_offer(document, region) for region, document in zip(paths, found, strict=True)]


def index_of(base: str) -> str:
    """Return the path of the index at this address: hosts in China have the list of the regions there."""
    return CHINA_INDEX if base.endswith(".amazonaws.com.cn") else INDEX


def _path(entry: object, region: str) -> str:
    path = _mapping(entry).get("currentVersionUrl")
    # Only files of the same list: an index does not get to send us to another host.
    if not isinstance(path, str) or not _PATH.fullmatch(path) or ".." in path:
        raise PriceListError(f"the region index leads to {path!r} for {region}, which is no file of this list")
    return path


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}

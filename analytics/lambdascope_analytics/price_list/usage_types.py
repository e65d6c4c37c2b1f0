"""Which usage types of the AWS Price List are which item of a rate table; no other row of the list is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lambdascope_analytics.pricing.rates import PriceItem

BOTH: Final = ("x86_64", "arm64")
X86: Final = ("x86_64",)
ARM: Final = ("arm64",)

_REQUESTS: Final = frozenset({"request", "requests"})
_GB_SECONDS: Final = frozenset(
    {"lambda-gb-second", "lambda-gb-seconds", "gb-second", "gb-seconds", "second", "seconds"}
)
_GB: Final = frozenset({"gb", "gigabytes", "processed-gigabytes"})
# us-east-1 has none; the others look like USE2, APN1, EU or UGW1.
_REGION_PREFIX: Final = re.compile(r"[A-Z]{2,4}[0-9]{0,2}-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a usage type is: an item, for these architectures, and the names that the list gives to its unit.

    The list's price is for so many `units_of_ours`.
    """

    item: PriceItem
    architectures: tuple[str, ...]
    units: frozenset[str]
    units_of_ours: int = 1


def _of_each(usage_type: str, item: PriceItem, units: frozenset[str]) -> dict[str, Meaning]:
    return {
        usage_type: Meaning(item=item, architectures=X86, units=units),
        f"{usage_type}-ARM": Meaning(item=item, architectures=ARM, units=units),
    }


MEANINGS: Final[Mapping[str, Meaning]] = {
    **_of_each("Request", "request", _REQUESTS),
    **_of_each("Lambda-GB-Second", "compute_gb_s", _GB_SECONDS),
    **_of_each("Lambda-Provisioned-Concurrency", "provisioned_idle_gb_s", _GB_SECONDS),
    **_of_each("Lambda-Provisioned-GB-Second", "provisioned_compute_gb_s", _GB_SECONDS),
    **_of_each("Lambda-Storage-GB-Second", "ephemeral_storage_gb_s", _GB_SECONDS),
    **_of_each("Lambda-Streaming-Response-Processed-Bytes", "streaming_gb", _GB),
    "Lambda-Edge-Request": Meaning(item="edge_request", architectures=X86, units=_REQUESTS),
    # AWS bills 128 MB-seconds and lists GB-seconds.
    "Lambda-Edge-GB-Second": Meaning(
        item="edge_compute_128mb_s", architectures=X86, units=_GB_SECONDS, units_of_ours=8
    ),
    # Listed once, charged alike for both.
    "Lambda-SnapStart-Cached-GB-S": Meaning(item="snapstart_cache_gb_s", architectures=BOTH, units=_GB_SECONDS),
    "Lambda-SnapStart-Restored-GB": Meaning(item="snapstart_restore_gb", architectures=BOTH, units=_GB),
}
ITEMS: Final = frozenset(meaning.item for meaning in MEANINGS.values())


def meaning_of(usage_type: str) -> Meaning | None:
    """Return what a usage type such as `USE2-Lambda-GB-Second-ARM` is; None if it is no item of ours."""
    prefix = _REGION_PREFIX.match(usage_type)
    return MEANINGS.get(usage_type[prefix.end() :] if prefix else usage_type)

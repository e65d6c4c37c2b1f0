"""A usage type is an item of ours with the prefix of any region, and what only looks like one is not."""

import pytest

from lambdascope_analytics.price_list.usage_types import ARM, BOTH, X86, meaning_of


@pytest.mark.parametrize("prefix", ["", "USE2-", "APN1-", "EU-", "UGW1-", "CNN1-"])
@pytest.mark.parametrize(
    ("usage_type", "item", "architectures"),
    [
        ("Request", "request", X86),
        ("Request-ARM", "request", ARM),
        ("Lambda-GB-Second-ARM", "compute_gb_s", ARM),
        ("Lambda-Provisioned-Concurrency", "provisioned_idle_gb_s", X86),
        ("Lambda-Provisioned-GB-Second-ARM", "provisioned_compute_gb_s", ARM),
        ("Lambda-Storage-GB-Second", "ephemeral_storage_gb_s", X86),
        ("Lambda-Streaming-Response-Processed-Bytes", "streaming_gb", X86),
        ("Lambda-Edge-Request", "edge_request", X86),
        ("Lambda-Edge-GB-Second", "edge_compute_128mb_s", X86),
        ("Lambda-SnapStart-Cached-GB-S", "snapstart_cache_gb_s", BOTH),
        ("Lambda-SnapStart-Restored-GB", "snapstart_restore_gb", BOTH),
    ],
)
def test_a_usage_type_is_read_in_every_region(
    prefix: str, usage_type: str, item: str, architectures: tuple[str, ...]
) -> None:
    meaning = meaning_of(prefix + usage_type)
    assert meaning is not None
    assert (meaning.item, meaning.architectures) == (item, architectures)


@pytest.mark.parametrize(
    "usage_type",
    [
        "Global-Request",  # what is free in a month, in all regions
        "Global-Lambda-GB-Second",
        "Lambda-Managed-Instances-m7g.large-Management-Hours",
        "Lambda-GB-Second-ARM-2",
        "",
    ],
)
def test_no_other_usage_type_is(usage_type: str) -> None:
    assert meaning_of(usage_type) is None

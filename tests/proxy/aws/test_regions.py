"""Regions that can be meant, by what botocore knows of them."""

import pytest

from lambdascope_proxy.aws.regions import settled_region
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed


@pytest.mark.parametrize(
    ("home", "asked", "settled"),
    [
        ("us-east-1", None, "us-east-1"),
        ("us-east-1", "eu-west-1", "eu-west-1"),
        ("cn-north-1", "cn-northwest-1", "cn-northwest-1"),
        ("xx-new-1", None, "xx-new-1"),  # newer than botocore: the setting is believed
        ("xx-new-1", "xx-new-1", "xx-new-1"),
        ("xx-new-1", "eu-west-1", "eu-west-1"),
    ],
)
def test_a_region_within_reach_is_settled(home: str, asked: str | None, settled: str) -> None:
    assert settled_region(home, asked, {"*"}) == settled


@pytest.mark.parametrize(
    ("asked", "error_type", "words"),
    [
        ("eu-west-9", "UnknownRegion", "eu-west-1"),
        ("eu west 1", "UnknownRegion", "eu-west-1"),
        ("moon", "UnknownRegion", "Leave region out for us-east-1."),
        ("", "UnknownRegion", "us-east-1"),
        ("cn-north-1", "OtherPartition", "credentials of aws-cn"),
    ],
)
def test_a_region_that_cannot_be_meant_says_what_to_take_instead(asked: str, error_type: str, words: str) -> None:
    with pytest.raises(CallFailed) as failed:
        settled_region("us-east-1", asked, {"*"})
    assert (failed.value.kind, failed.value.failure.error_type) == (OutcomeKind.INVALID_ARGUMENTS, error_type)
    assert words in failed.value.failure.hint


def test_other_regions_are_refused_until_they_are_allowed() -> None:
    """A prefix meant for one region would otherwise admit functions of that name everywhere."""
    with pytest.raises(CallFailed) as failed:
        settled_region("us-east-1", "eu-west-1", {"eu-west-2"})
    assert failed.value.kind is OutcomeKind.REFUSED
    assert "LAMBDASCOPE_REGIONS" in failed.value.failure.hint
    assert settled_region("us-east-1", "eu-west-1", {"eu-west-1"}) == "eu-west-1"
    assert settled_region("us-east-1", "us-east-1", ()) == "us-east-1"

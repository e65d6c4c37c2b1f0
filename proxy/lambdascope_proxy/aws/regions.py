"""Which regions there are: a region that is asked for must exist and be within reach of the credentials in use."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

LISTED = 5
EVERY = "*"


def settled_region(home: str, asked: str | None, allowed: Collection[str]) -> str:
    """The region meant: `home` unless another is asked for. Blocking: reads files of botocore once.

    `allowed` are the others that may be asked for; `*` among them allows every one.

    Raises: CallFailed, invalid_arguments for a region that botocore does not know or of another partition than home,
    refused for one that is not allowed.
    """
    if asked is None or asked == home:
        return home  # which may be newer than botocore
    partitions = _partitions()
    if asked not in partitions:
        raise CallFailed(
            OutcomeKind.INVALID_ARGUMENTS, "UnknownRegion", f"There is no AWS region {asked!r}.", _instead(home, asked)
        )
    if partitions[asked] != partitions.get(home, partitions[asked]):
        raise CallFailed(
            OutcomeKind.INVALID_ARGUMENTS,
            "OtherPartition",
            f"Region {asked} belongs to {partitions[asked]}, where credentials of {partitions[home]} are not valid.",
            f"Leave region out for {home}, or run lambdascope with credentials of {partitions[asked]}.",
        )
    if asked not in allowed and EVERY not in allowed:
        raise CallFailed(
            OutcomeKind.REFUSED,
            "RegionNotAllowed",
            f"Region {asked} is not among those allowed ({', '.join(sorted({home, *allowed}))}).",
            "Leave region out, or ask the operator to add it to LAMBDASCOPE_REGIONS.",
        )
    return asked


def _instead(home: str, asked: str) -> str:
    alike = get_close_matches(asked, _partitions(), LISTED)
    others = f", or take one of {', '.join(alike)}" if alike else ""
    return f"Leave region out for {home}{others}."


@cache
def _partitions() -> Mapping[str, str]:
    """The partition of every region where Lambda is."""
    from botocore.session import Session

    session = Session()
    return {
        region: partition
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("lambda", partition)
    }

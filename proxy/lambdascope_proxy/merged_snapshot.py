"""One list of the functions of several accounts, with a name for each that no other has. Pure."""

from collections import Counter
from collections.abc import Mapping

from lambdascope_proxy.catalog import Snapshot
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.function_name import full_name
from lambdascope_proxy.selection import Place


def merged(read: Mapping[Place, Snapshot | CallFailed]) -> Snapshot:
    """The functions of all accounts that were read, home's first. Raises: the first failure when none was.

    A plain name that two accounts have stands for none of them in `by_name`; each is there by its full name.
    """
    snapshots = [each for each in read.values() if isinstance(each, Snapshot)]
    failures = {place: each for place, each in read.items() if isinstance(each, CallFailed)}
    if not snapshots:
        raise next(iter(failures.values()))
    by_arn = {function.arn: function for each in reversed(snapshots) for function in each.functions}
    functions = sorted(by_arn.values(), key=lambda function: (function.name, function.account_id))
    counts = Counter(function.name for function in functions)
    return Snapshot(
        functions=tuple(functions),
        by_name={(f.name if counts[f.name] == 1 else full_name(f)): f for f in functions},
        read_at=min(each.read_at for each in snapshots),
        has_tags=all(each.has_tags for each in snapshots),
        stale_reason=" ".join(each.stale_reason for each in snapshots if each.stale_reason),
        unread=tuple(_why(place, failed) for place, failed in failures.items()),
    )


def _why(place: Place, failed: CallFailed) -> str:
    account = f"account {place.account_id}" if place.account_id else "the account of the credentials in use"
    return f"The functions of {account} could not be read: {failed} {failed.failure.hint}".strip()

"""What calls can be grouped by, and what each group is called."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lambdascope_analytics.errors import QuestionError

GROUPS: Final = ("function", "tool", "client", "session", "principal", "version", "outcome", "region", "hour", "day")
# Told in order of time, the latest kept.
OF_TIME: Final = frozenset({"hour", "day"})
UNKNOWN: Final = "(unknown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKey:
    """What a statement found of a group: its value, and where its function is if it is about one function.

    `same_name` is how many groups there are of its value, those that are not listed too, and `same_place` of those in
    its region.
    """

    value: str | None
    region: str | None = None
    account_id: str | None = None
    same_name: int = 1
    same_place: int = 1


def read_group(name: str, groups: Sequence[str] = GROUPS) -> str:
    """Return `name` if calls can be grouped by it.

    Raises:
        QuestionError: they cannot.
    """
    if name not in groups:
        raise QuestionError("group_by", f"is {name!r}: use one of {', '.join(groups)}")
    return name


def labels(keys: Sequence[GroupKey]) -> list[str]:
    """Return a name for each group: the value, or `region:value` or `account:region:value` to tell two apart."""
    by_value = Counter(key.value for key in keys)
    by_region = Counter((key.region, key.value) for key in keys)
    return [
        _label(
            key,
            has_region=max(by_value[key.value], key.same_name) > 1,
            has_account=max(by_region[key.region, key.value], key.same_place) > 1,
        )
        for key in keys
    ]


def _label(key: GroupKey, *, has_region: bool, has_account: bool) -> str:
    parts = [key.account_id or UNKNOWN] if has_account else []
    parts += [key.region or UNKNOWN] if has_region else []
    return ":".join([*parts, UNKNOWN if key.value is None else key.value])

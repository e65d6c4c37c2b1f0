r"""Says which log group a function writes to, and which streams of a log group are whose. Pure.

In the group that Lambda makes for a function its streams are `2026/11/22/[<version>]<id>`. In a group of one's own
choosing, which functions may share, they are `2026/11/22/<function>[<version>]<id>`, also seen without the date. What
is named otherwise was written by somebody else and is nobody's here.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from lambdascope_proxy.selection import Function

_DAY: Final = r"^([0-9]{4}\/[0-9]{2}\/[0-9]{2}\/)?"
_ANY_VERSION: Final = r"\$LATEST|[0-9]+"


def default_group(function: Function) -> str:
    """The group Lambda makes for a function that names none."""
    return f"/aws/lambda/{function.name}"


def group_of(function: Function) -> str:
    """The log group a function writes to."""
    return function.log_group or default_group(function)


def is_shareable(function: Function) -> bool:
    """Whether the function writes to a group of one's own choosing, which other functions may write to."""
    return group_of(function) != default_group(function)


def scope_of(functions: Sequence[Function], versions: Sequence[str] = ()) -> str:
    """A condition of Logs Insights, to stand after `filter` or `and`: the streams of these functions and no others.

    It is for a query over the groups of these functions; `versions` narrows it to those.
    """
    own = [function for function in functions if not is_shareable(function)]
    if len(own) in {0, len(functions)}:
        return _like("@logStream", _streams(functions, versions, is_own=bool(own)))
    groups = rf":({_any_of(default_group(function) for function in own)})$"
    named, nameless = _streams(functions, versions), _streams((), versions)
    return f"({_like('@logStream', named)} or ({_like('@log', groups)} and {_like('@logStream', nameless)}))"


def owns(function: Function, stream: str, versions: Sequence[str] = ()) -> bool:
    """Whether a stream of the function's log group is the function's, and of one of these versions."""
    return re.match(_streams((function,), versions, is_own=not is_shareable(function)), stream) is not None


def _streams(functions: Sequence[Function], versions: Sequence[str], *, is_own: bool = False) -> str:
    """A regular expression for names of streams; in a function's `is_own` group its name may be left out."""
    names = f"({_any_of(function.name for function in functions)}){'?' if is_own else ''}" if functions else ""
    return rf"{_DAY}{names}\[({_any_of(versions) if versions else _ANY_VERSION})\]"


def _any_of(texts: Iterable[str]) -> str:
    # Insights ends an expression at its first bare slash.
    return "|".join(re.escape(text).replace("/", r"\/") for text in dict.fromkeys(texts))


def _like(field: str, pattern: str) -> str:
    return f"{field} like /{pattern}/"

"""How a function is named: plainly, with its region, with its account and region, or by its ARN. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function

MOST_CHARS = 256
REGION_PATTERN = r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}"

REGION_ARGUMENT: Final = {"type": "string", "maxLength": 32}

_SHORT = re.compile(rf"(?:(?P<account>\d{{12}}):)?(?P<region>{REGION_PATTERN}):(?P<name>[^:]+)(?::(?P<qualifier>.+))?")
_ARN = re.compile(
    rf"arn:aws[a-z-]*:lambda:(?P<region>{REGION_PATTERN}):(?P<account>\d{{12}}):function:(?P<name>[^:]+)"
    r"(?::(?P<qualifier>.+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionName:
    """A plain name and, where they were given, the region and the account."""

    name: str
    region: str | None = None
    account_id: str | None = None


def read_function_name(text: str, region: str | None = None) -> FunctionName:
    """Takes `name`, `region:name`, `account:region:name` or a function's ARN apart; `region` was given beside it.

    Anything else is taken for a plain name. Raises: CallFailed for two regions, or for a qualifier inside the name.
    """
    match = (_SHORT.fullmatch(text) or _ARN.fullmatch(text)) if ":" in text else None
    if match is None:
        return FunctionName(name=text, region=region)
    if region not in {None, match["region"]}:
        raise CallFailed(
            OutcomeKind.INVALID_ARGUMENTS,
            "TwoRegions",
            f"{text!r} is in {match['region']}, but region is {region!r}.",
            "Leave region out, or give the plain name.",
        )
    if match["qualifier"]:
        raise CallFailed(
            OutcomeKind.INVALID_ARGUMENTS,
            "QualifierInName",
            f"{text!r} names an alias or version beside the function.",
            f"Give {match['name']!r} as the name and {match['qualifier']!r} as qualifier.",
        )
    return FunctionName(name=match["name"], region=match["region"], account_id=match["account"])


def guessed_name(arguments: Mapping[str, Any]) -> FunctionName:
    """What unchecked arguments `function_name` and `region` name; never raises.

    What `read_function_name` refuses stays as it was given, to be refused where calls are checked.
    """
    name, region = _text(arguments.get("function_name")), _text(arguments.get("region"))
    try:
        return read_function_name(name or "", region)
    except CallFailed:
        return FunctionName(name=name or "", region=region)


def _text(value: Any) -> str | None:
    return value[:MOST_CHARS] if isinstance(value, str) else None


def full_name(function: Function) -> str:
    """The name that no other function has."""
    return f"{function.account_id}:{function.region}:{function.name}"

"""Which function an analysis is about: named plainly, with its region, with its account and region, or by its ARN."""

import re
from dataclasses import dataclass
from typing import Final, Self

from lambdascope_analytics.errors import QuestionError

_REGION: Final = r"(?P<region>[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2})"
_NAME: Final = r"(?P<name>[^:]+)(?::(?P<qualifier>.+))?"
_SHORT: Final = re.compile(rf"(?:(?P<account>\d{{12}}):)?{_REGION}:{_NAME}")
_ARN: Final = re.compile(rf"arn:aws[a-z-]*:lambda:{_REGION}:(?P<account>\d{{12}}):function:{_NAME}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionScope:
    """Calls of functions of a name, in a region and an account; None is any."""

    name: str | None = None
    region: str | None = None
    account_id: str | None = None

    @classmethod
    def of(cls, text: str | None) -> Self:
        """Read how a function is named, as the labels of groups name it too; what fits no such form is a plain name.

        Raises:
            QuestionError: it names a version or an alias beside the function.
        """
        match = (_SHORT.fullmatch(text) or _ARN.fullmatch(text)) if text else None
        if match is None:
            return cls(name=text)
        if match["qualifier"]:
            raise QuestionError("function_name", f"is {text!r}, which names a version or an alias beside the function")
        return cls(name=match["name"], region=match["region"], account_id=match["account"])

    @property
    def parameters(self) -> dict[str, object]:
        """As the statements take it: `$function_name`, `$region` and `$account_id`."""
        return {"function_name": self.name, "region": self.region, "account_id": self.account_id}

"""The members of a JSON object, read one by one: of the right type, none left out, none left over."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from lambdascope_analytics.errors import PricingInputError
from lambdascope_analytics.pricing.figures import quantity, shortened

# Of JSON's numbers and those in strings alike; Decimal itself would also take 1_000 and digits of other scripts.
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


class Numeral(str):
    """A number as its JSON document spells it, so that no digit of it is lost."""

    __slots__ = ()


class Doubled(dict[str, object]):
    """An object in which the name `twice` was given more than once."""

    def __init__(self, members: Mapping[str, object], *, twice: str) -> None:
        super().__init__(members)
        self.twice = twice


class Members:
    """What is in one object of a document; fields are named by their path below `path`.

    Each method raises PricingInputError for a member that is missing or not of its type.
    """

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, Mapping):
            raise PricingInputError(path or "document", f"must be an object, not {_told(value)}")
        self._values = cast("Mapping[str, object]", value)
        self._path = path
        self._read: set[str] = set()
        if isinstance(value, Doubled):
            raise self._refused(shortened(value.twice), "is given twice in one object")

    def optional(self, **readers: "Callable[[Members, str], Any]") -> dict[str, Any]:
        """Return those that are given, each as its reader reads it."""
        return {name: read(self, name) for name, read in readers.items() if self.has(name)}

    def has(self, name: str) -> bool:
        """Whether it is given; whoever asks knows it."""
        self._read.add(name)
        return name in self._values

    def text(self, name: str) -> str:
        """Return a string that is not empty."""
        value = self._member(name)
        if not isinstance(value, str) or isinstance(value, Numeral) or not value:
            raise self._refused(name, f"must be text, not {_told(value)}")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._member(name)
        if not isinstance(value, bool):
            raise self._refused(name, f"must be true or false, not {_told(value)}")
        return value

    def number(self, name: str) -> Decimal:
        """Return a number that is not negative, given as such or as text."""
        return quantity(self.path_of(name), self._number(name))

    def integer(self, name: str) -> int:
        """Return a whole number that is not negative."""
        number = self.number(name)
        if number != number.to_integral_value():
            raise self._refused(name, f"must be a whole number, not {shortened(number)}")
        return int(number)

    def members(self, name: str) -> "Members":
        """Return an object within this one."""
        return Members(self._member(name), self.path_of(name))

    def finish(self) -> None:
        """Raise for a member that nobody asked for."""
        if unknown := [name for name in self._values if name not in self._read]:
            known = ", ".join(sorted(self._read))
            raise self._refused(shortened(unknown[0]), f"is not known here; known are {known}")

    def path_of(self, name: str) -> str:
        """Return how a member is named to people."""
        return f"{self._path}.{name}" if self._path else name

    def _member(self, name: str) -> object:
        if not self.has(name):
            raise self._refused(name, "is missing")
        return self._values[name]

    def _number(self, name: str) -> object:
        value = self._member(name)
        if isinstance(value, float):
            raise self._refused(name, "is a float, which has lost digits: give a Decimal, or the number as text")
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            return value
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            raise self._refused(name, f"must be a number, not {_told(value)}")
        try:
            return Decimal(value)
        except InvalidOperation as error:
            raise self._refused(name, f"is out of range: {shortened(value)}") from error

    def _refused(self, name: str, problem: str) -> PricingInputError:
        return PricingInputError(self.path_of(name), problem)


def _told(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "an array"
    if isinstance(value, bool):
        return str(value).lower()
    return shortened(value) if isinstance(value, Numeral) else shortened(repr(value))

"""Checks of the figures that are priced: each is of its type and within what AWS allows, or refused by name."""

from decimal import Decimal
from typing import Final

from lambdascope_analytics.errors import PricingInputError

MEMORY_MB: Final = (128, 10_240)
EPHEMERAL_STORAGE_MB: Final = (512, 10_240)
# No invocation lasts a day: a larger figure is a mistake of unit.
BILLED_MS: Final = (0, 86_400_000)
# An event of 1 MiB, the largest there is, counts as 13.
REQUESTS: Final = (1, 13)
# More than any month holds, and any clock shows; bounds keep the exact arithmetic bounded too.
_MOST_DIGITS: Final = 18
_FINEST_DIGIT: Final = 30


def of_type(field: str, value: object, kind: type) -> None:
    """Raises: PricingInputError when it is not of that type."""
    if not isinstance(value, kind):
        raise PricingInputError(field, f"must be of type {kind.__name__}, not {shortened(repr(value))}")


def integer_within(field: str, value: object, bounds: tuple[int, int]) -> int:
    """Return `value`. Raises: PricingInputError when it is not an integer within the bounds, both included."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise PricingInputError(field, f"must be an integer, not {value!r}")
    low, high = bounds
    if not low <= value <= high:
        raise PricingInputError(field, f"must be between {low} and {high}, not {shortened(value)}")
    return value


def milliseconds(field: str, value: object) -> Decimal:
    """Return the time of one execution. Raises: PricingInputError."""
    number = _decimal(field, value)
    if not BILLED_MS[0] <= number <= BILLED_MS[1]:
        raise PricingInputError(field, f"must be between {BILLED_MS[0]} and {BILLED_MS[1]}, not {shortened(value)}")
    return number


def quantity(field: str, value: object) -> Decimal:
    """Return what was used of something in a month. Raises: PricingInputError."""
    return _not_negative(field, _decimal(field, value), _MOST_DIGITS)


def total(field: str, value: object) -> Decimal:
    """Return a sum over many executions, which may have twice the digits. Raises: PricingInputError."""
    return _not_negative(field, _decimal(field, value, finest=2 * _FINEST_DIGIT), 2 * _MOST_DIGITS)


def shortened(value: object) -> str:
    """Return a value as a message can hold it, however long it was given."""
    text = str(Decimal(value) if isinstance(value, int) else value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _not_negative(field: str, number: Decimal, most_digits: int) -> Decimal:
    if number < 0:
        raise PricingInputError(field, f"must not be negative: {shortened(number)}")
    if number.adjusted() >= most_digits:
        raise PricingInputError(field, f"must be below 10^{most_digits}, not {shortened(number)}")
    return number


def _decimal(field: str, value: object, *, finest: int = _FINEST_DIGIT) -> Decimal:
    # Money begins here: a float may no longer be the figure that Lambda reported.
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise PricingInputError(field, f"must be a Decimal or an integer, not {shortened(repr(value))}")
    number = Decimal(value)
    if not number.is_finite():
        raise PricingInputError(field, f"must be a number, not {value}")
    if not number:
        return Decimal(0)
    if int(number.as_tuple().exponent) < -finest:
        raise PricingInputError(field, f"has more than {finest} decimals")
    return number

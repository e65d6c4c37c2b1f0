"""What can go wrong in this package.

AnalyticsError
├── PricingError              a price cannot be given
│   ├── MissingPriceError     the rate table does not hold it (also a LookupError)
│   └── PricingInputError     the question itself makes no sense (also a ValueError)
└── HistoryError              the history cannot be prepared or read
    └── UnfitRowError         a row does not fit the history's columns (also a ValueError)
"""


class AnalyticsError(Exception):
    """Root of this package's errors."""


class PricingError(AnalyticsError):
    """A price cannot be given."""


class MissingPriceError(PricingError, LookupError):
    """The rate table holds no such price, and none is guessed."""

    def __init__(self, *, item: str, region: str, architecture: str, rates_version: str) -> None:
        self.item = item
        self.region = region
        self.architecture = architecture
        super().__init__(f"rate table {rates_version} has no {item} price for {architecture} in {region}")


class PricingInputError(PricingError, ValueError):
    """A figure to price is negative, out of range or of the wrong type; `field` names it."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(f"{field} {problem}")


class HistoryError(AnalyticsError):
    """The history cannot be prepared or read."""


class UnfitRowError(HistoryError, ValueError):
    """A row does not fit the history's columns, so it could not be read back; `column` names where."""

    def __init__(self, column: str, problem: str) -> None:
        self.column = column
        super().__init__(f"{column}: {problem}")

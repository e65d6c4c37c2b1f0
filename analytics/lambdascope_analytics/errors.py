"""What can go wrong in this package.

AnalyticsError
├── PricingError              a price cannot be given
│   ├── MissingPriceError     the rate table does not hold it (also a LookupError)
│   ├── PricingInputError     the question itself makes no sense (also a ValueError)
│   ├── RateTableError        a file is no rate table
│   └── PriceListError        the AWS Price List cannot be read, or not understood
├── QuestionError             a question to the history makes no sense (also a ValueError)
├── PatternError              a pattern of the operator's own cannot be used (also a ValueError)
├── SlowPatternError          a pattern of the operator's own took too long on a text
└── HistoryError              the history cannot be prepared or read
    ├── LakeError             the lake does not have a file of the history
    ├── QueryError            an ad hoc query has no answer
    ├── UnlikeRowsError       new files do not hold the rows of those they were to replace
    └── UnfitRowError         a row does not fit the history's columns (also a ValueError)
"""

from typing import Literal

QueryFault = Literal["refused", "invalid", "limit", "busy", "failed"]


class AnalyticsError(Exception):
    """Root of this package's errors."""


class PricingError(AnalyticsError):
    """A price cannot be given."""


class MissingPriceError(PricingError, LookupError):
    """The rate table holds no such price, and none is guessed.

    `item` is what is charged, as a bill calls it; `price` the table's item, where that has another name.
    """

    def __init__(
        self,
        *,
        item: str,
        region: str,
        architecture: str,
        rates_version: str,
        beyond: str | None = None,
        price: str | None = None,
    ) -> None:
        self.item = item
        self.price = price or item
        self.region = region
        self.architecture = architecture
        where = f"in {region}" if architecture == "any" else f"for {architecture} in {region}"
        most = f" beyond {beyond} a month" if beyond else ""
        product = "Lambda@Edge " if self.price.startswith("edge_") else ""
        super().__init__(f"rate table {rates_version} has no {product}{item} price {where}{most}")


class PricingInputError(PricingError, ValueError):
    """A figure to price is negative, out of range or of the wrong type; `field` names it."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field} {problem}")


class RateTableError(PricingError):
    """A file is no rate table."""


class PriceListError(PricingError):
    """The AWS Price List cannot be read, or is not of a shape that we know."""


class QuestionError(AnalyticsError, ValueError):
    """A question to the history makes no sense; `field` names what of it, and the text says what would."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field} {problem}")


class PatternError(AnalyticsError, ValueError):
    """A pattern of the operator's own cannot be used; `place` says where it stands."""

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        super().__init__(f"{place}: {problem}")


class SlowPatternError(AnalyticsError):
    """A pattern of the operator's own took too long on a text; `place` says where it stands."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"{place}: this pattern takes too long")


class HistoryError(AnalyticsError):
    """The history cannot be prepared or read."""


class LakeError(HistoryError):
    """The lake does not have a file of the history; `is_of_one_file` says that others may still get there."""

    def __init__(self, message: str, *, is_of_one_file: bool = False) -> None:
        self.is_of_one_file = is_of_one_file
        super().__init__(message)


class UnlikeRowsError(HistoryError):
    """Files that were to take the place of others do not hold the same rows."""


class UnfitRowError(HistoryError, ValueError):
    """A row does not fit the history's columns, so it could not be read back; `column` names where."""

    def __init__(self, column: str, problem: str) -> None:
        self.column = column
        super().__init__(f"{column}: {problem}")


class QueryError(HistoryError):
    """An ad hoc query has no answer; `reason` says of what kind, `hint` what to do next.

    `refused`: such a statement never runs. `invalid`: DuckDB finds a mistake in it. `limit`: it needs more time or
    memory than it may have. `busy`: too many others wait. `failed`: the history could not be read, or a defect.
    """

    def __init__(self, reason: QueryFault, message: str, hint: str = "") -> None:
        self.reason: QueryFault = reason
        self.hint = hint
        super().__init__(message)

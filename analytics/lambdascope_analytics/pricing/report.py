"""The price of one invocation as its REPORT line tells it, billed time derived where the line lacks it."""

from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - `date` is the field's name
from decimal import Decimal
from typing import Final

from lambdascope_analytics.errors import MissingPriceError, PricingInputError
from lambdascope_analytics.pricing.bill import Price
from lambdascope_analytics.pricing.figures import (
    BILLED_MS,
    EPHEMERAL_STORAGE_MB,
    MEMORY_MB,
    integer_within,
    milliseconds,
    of_type,
)
from lambdascope_analytics.pricing.invocation import billed_ms_of, price_invocation
from lambdascope_analytics.pricing.rates import ARCHITECTURES, RateTable

# What each item of the rate table is called on a bill.
_LINES: Final = {"request": "requests", "compute_gb_s": "compute", "ephemeral_storage_gb_s": "ephemeral_storage"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a REPORT line tells of one invocation; `date` decides whether AWS billed its init.

    Raises:
        PricingInputError: a figure is negative, out of range, or neither Decimal nor integer.
    """

    region: str
    memory_mb: int
    duration_ms: Decimal
    date: Date
    architecture: str = "x86_64"
    ephemeral_storage_mb: int = EPHEMERAL_STORAGE_MB[0]
    init_ms: Decimal | None = None
    restore_ms: Decimal | None = None
    billed_restore_ms: int | None = None
    billed_duration_ms: int | None = None
    package: str = "zip"
    managed_runtime: bool = True

    def __post_init__(self) -> None:
        of_type("region", self.region, str)
        of_type("date", self.date, Date)
        of_type("managed_runtime", self.managed_runtime, bool)
        if self.architecture not in ARCHITECTURES:
            raise PricingInputError("architecture", f"must be x86_64 or arm64, not {self.architecture!r}")
        if self.package not in ("zip", "image"):
            raise PricingInputError("package", f"must be zip or image, not {self.package!r}")
        integer_within("memory_mb", self.memory_mb, MEMORY_MB)
        integer_within("ephemeral_storage_mb", self.ephemeral_storage_mb, EPHEMERAL_STORAGE_MB)
        milliseconds("duration_ms", self.duration_ms)
        for name in ("init_ms", "restore_ms"):
            if (value := getattr(self, name)) is not None:
                milliseconds(name, value)
        for name in ("billed_restore_ms", "billed_duration_ms"):
            if (value := getattr(self, name)) is not None:
                integer_within(name, value, BILLED_MS)

    @property
    def billed_ms(self) -> int:
        """Billed milliseconds: as Lambda reported them, else as its rules give them."""
        if self.billed_duration_ms is not None:
            return self.billed_duration_ms
        return billed_ms_of(
            duration_ms=self.duration_ms,
            init_ms=self.init_ms,
            billed_restore_ms=self.billed_restore_ms,
            date=self.date,
            package=self.package,
            managed_runtime=self.managed_runtime,
        )


def price_report(rates: RateTable, report: Report) -> Price:
    """Price one invocation exactly: first compute tier, no free tier, without SnapStart's own charges.

    Raises:
        MissingPriceError: the table lacks a price; it names the line.
    """
    try:
        return price_invocation(
            rates,
            region=report.region,
            architecture=report.architecture,
            memory_mb=report.memory_mb,
            billed_ms=report.billed_ms,
            ephemeral_storage_mb=report.ephemeral_storage_mb,
        )
    except MissingPriceError as error:
        raise MissingPriceError(
            item=_LINES[error.item],
            region=report.region,
            architecture=report.architecture,
            rates_version=rates.version,
            price=error.price,
        ) from error

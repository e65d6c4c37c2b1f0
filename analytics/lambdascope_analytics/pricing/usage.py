"""The bill of one function for a month, from what it used of each thing that AWS Lambda charges."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Final

from lambdascope_analytics.errors import PricingInputError
from lambdascope_analytics.pricing.bill import EXACT, Biller, Price, PriceLine, Rounding
from lambdascope_analytics.pricing.figures import (
    EPHEMERAL_STORAGE_MB,
    MEMORY_MB,
    integer_within,
    of_type,
    quantity,
    total,
)
from lambdascope_analytics.pricing.rates import ARCHITECTURES, RateTable

FREE_REQUESTS: Final = Decimal(1_000_000)
FREE_GB_S: Final = Decimal(400_000)
BYTES_PER_STREAMED_GB: Final = Decimal(2**30)
BYTES_PER_DURABLE_GB: Final = Decimal(10**9)
# Provisioned concurrency is billed in whole 5 minutes.
_STEPS_PER_HOUR: Final = 12
_SECONDS_PER_STEP: Final = 300
_ZERO: Final = Decimal(0)


def _checked(owner: object, prefix: str, *fields: str) -> None:
    """Makes Decimals of the figures that were given, and refuses those that make no sense."""
    for field in fields:
        value: object = getattr(owner, field)
        if value is not None:
            read = total if field == "billed_total_ms" else quantity
            object.__setattr__(owner, field, read(f"{prefix}{field}", value))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedConcurrency:
    """So much concurrency kept ready for `hours`, and what it served: requests and the sum of their billed time."""

    concurrency: Decimal
    hours: Decimal
    requests: Decimal = _ZERO
    billed_total_ms: Decimal = _ZERO

    def __post_init__(self) -> None:
        _checked(self, "provisioned_concurrency.", "concurrency", "hours", "requests", "billed_total_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapStart:
    """Seconds that snapshots were kept, summed over published versions (at least 10,800 each), and restores."""

    cached_seconds: Decimal
    restores: Decimal

    def __post_init__(self) -> None:
        _checked(self, "snapstart.", "cached_seconds", "restores")


@dataclass(frozen=True, slots=True, kw_only=True)
class Durable:
    """What durable functions did: operations, bytes those wrote, and GB (10^9 bytes) kept for a month."""

    operations: Decimal
    written_bytes: Decimal
    retained_gb_months: Decimal

    def __post_init__(self) -> None:
        _checked(self, "durable.", "operations", "written_bytes", "retained_gb_months")


_WITHIN: Final = {"provisioned_concurrency": ProvisionedConcurrency, "snapstart": SnapStart, "durable": Durable}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one function used in a month; what is None is not on the bill.

    `requests` and `billed_total_ms`, the sum of their billed time, are those outside provisioned concurrency.
    `streamed_response_bytes` are those above the first 6 MiB of each response (`charged_streamed_bytes`). `edge` is
    Lambda@Edge.

    Raises:
        PricingInputError: a figure is negative, out of range, or neither Decimal nor integer.
    """

    region: str
    memory_mb: int
    architecture: str = "x86_64"
    requests: Decimal = _ZERO
    billed_total_ms: Decimal = _ZERO
    ephemeral_storage_mb: int | None = None
    free_tier: bool = False
    provisioned_concurrency: ProvisionedConcurrency | None = None
    snapstart: SnapStart | None = None
    streamed_response_bytes: Decimal | None = None
    edge: bool = False
    tenant_environments: Decimal | None = None
    durable: Durable | None = None
    rounding: Rounding = "cents"

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise PricingInputError("architecture", f"must be x86_64 or arm64, not {self.architecture!r}")
        if self.rounding not in ("cents", "exact"):
            raise PricingInputError("rounding", f"must be cents or exact, not {self.rounding!r}")
        _check_types(self)
        integer_within("memory_mb", self.memory_mb, MEMORY_MB)
        if self.ephemeral_storage_mb is not None:
            integer_within("ephemeral_storage_mb", self.ephemeral_storage_mb, EPHEMERAL_STORAGE_MB)
        _checked(self, "", "requests", "billed_total_ms", "streamed_response_bytes", "tenant_environments")

    @property
    def memory_gb(self) -> Decimal:
        """Memory in GB of 1,024 MB."""
        return Decimal(self.memory_mb) / 1024


def _check_types(usage: Usage) -> None:
    of_type("region", usage.region, str)
    of_type("free_tier", usage.free_tier, bool)
    of_type("edge", usage.edge, bool)
    for name, kind in _WITHIN.items():
        if (value := getattr(usage, name)) is not None:
            of_type(name, value, kind)


def price_usage(rates: RateTable, usage: Usage) -> Price:
    """Price a month from the first tier upward, each line rounded half up to cents unless `rounding` is exact.

    The free tier is taken off only where `free_tier` says so. https://aws.amazon.com/lambda/pricing/

    Raises:
        MissingPriceError: the table lacks a price; it names the line.
    """
    biller = Biller(rates=rates, region=usage.region, architecture=usage.architecture, rounding=usage.rounding)
    with localcontext(EXACT):
        lines = _edge_lines(usage, biller) if usage.edge else _lines(usage, biller)
        return biller.bill(list(lines))


def _edge_lines(usage: Usage, biller: Biller) -> Iterator[PriceLine]:
    size = Decimal(usage.memory_mb) / 128
    yield biller.line("requests", "edge_request", usage.requests, "requests")
    yield biller.line("compute", "edge_compute_128mb_s", usage.billed_total_ms / 1000 * size, "128MB-s")


def _lines(usage: Usage, biller: Biller) -> Iterator[PriceLine]:
    yield from _on_demand(usage, biller)
    if usage.ephemeral_storage_mb is not None:
        storage_gb = Decimal(usage.ephemeral_storage_mb - EPHEMERAL_STORAGE_MB[0]) / 1024
        storage_gb_s = storage_gb * _all_seconds(usage)
        yield biller.line("ephemeral_storage", "ephemeral_storage_gb_s", storage_gb_s, "GB-s")
    yield from _provisioned(usage, biller)
    yield from _snapstart(usage, biller)
    if usage.streamed_response_bytes is not None:
        streamed_gb = usage.streamed_response_bytes / BYTES_PER_STREAMED_GB
        yield biller.line("streaming", "streaming_gb", streamed_gb, "GB")
    if usage.tenant_environments is not None:
        yield biller.line("tenant_isolation", "tenant_gb", usage.tenant_environments * usage.memory_gb, "GB")
    yield from _durable(usage, biller)


def _on_demand(usage: Usage, biller: Biller) -> Iterator[PriceLine]:
    """The two lines every bill has. The free tier counts all requests, but only on-demand compute."""
    provisioned = usage.provisioned_concurrency
    requests = usage.requests + (provisioned.requests if provisioned else 0)
    gb_s = usage.billed_total_ms / 1000 * usage.memory_gb
    if usage.free_tier:
        requests, gb_s = max(requests - FREE_REQUESTS, _ZERO), max(gb_s - FREE_GB_S, _ZERO)
    yield biller.line("requests", "request", requests, "requests")
    yield biller.line("compute", "compute_gb_s", gb_s, "GB-s")


def _all_seconds(usage: Usage) -> Decimal:
    provisioned = usage.provisioned_concurrency
    return (usage.billed_total_ms + (provisioned.billed_total_ms if provisioned else 0)) / 1000


def _provisioned(usage: Usage, biller: Biller) -> Iterator[PriceLine]:
    if (provisioned := usage.provisioned_concurrency) is None:
        return
    steps = (provisioned.hours * _STEPS_PER_HOUR).to_integral_value(rounding=ROUND_CEILING)
    idle_gb_s = provisioned.concurrency * usage.memory_gb * steps * _SECONDS_PER_STEP
    busy_gb_s = provisioned.billed_total_ms / 1000 * usage.memory_gb
    yield biller.line("provisioned_idle", "provisioned_idle_gb_s", idle_gb_s, "GB-s")
    yield biller.line("provisioned_compute", "provisioned_compute_gb_s", busy_gb_s, "GB-s")


def _snapstart(usage: Usage, biller: Biller) -> Iterator[PriceLine]:
    if (snapstart := usage.snapstart) is None:
        return
    cached_gb_s = usage.memory_gb * snapstart.cached_seconds
    yield biller.line("snapstart_cache", "snapstart_cache_gb_s", cached_gb_s, "GB-s")
    yield biller.line("snapstart_restore", "snapstart_restore_gb", usage.memory_gb * snapstart.restores, "GB")


def _durable(usage: Usage, biller: Biller) -> Iterator[PriceLine]:
    if (durable := usage.durable) is None:
        return
    written_gb = durable.written_bytes / BYTES_PER_DURABLE_GB
    yield biller.line("durable_operations", "durable_operation", durable.operations, "operations")
    yield biller.line("durable_written", "durable_written_gb", written_gb, "GB")
    yield biller.line("durable_retained", "durable_retained_gb_month", durable.retained_gb_months, "GB-month")

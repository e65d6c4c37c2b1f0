"""The price of a document, whatever it describes, and what that price takes for granted."""

from collections.abc import Iterator

from lambdascope_analytics.pricing.bill import Price
from lambdascope_analytics.pricing.document import Document
from lambdascope_analytics.pricing.observability import Observability, price_observability
from lambdascope_analytics.pricing.rates import RateTable
from lambdascope_analytics.pricing.report import Report, price_report
from lambdascope_analytics.pricing.usage import Usage, price_usage

_ROUNDED = "each line, and each tier of one, is rounded half up to cents, as on AWS's bill"
# What Lambda@Edge does not have, so that nothing is charged for it.
_NOT_AT_THE_EDGE = (
    "ephemeral_storage_mb",
    "provisioned_concurrency",
    "snapstart",
    "streamed_response_bytes",
    "tenant_environments",
    "durable",
)


def price_document(document: Document, *, rates: RateTable, cloudwatch_rates: RateTable) -> Price:
    """Price what was read.

    Raises:
        MissingPriceError: the table lacks a price; it names the line.
    """
    if isinstance(document, Usage):
        return price_usage(rates, document)
    if isinstance(document, Report):
        return price_report(rates, document)
    return price_observability(cloudwatch_rates, document)


def assumptions_of(document: Document) -> tuple[str, ...]:
    """Return what the price takes for granted, a sentence each."""
    if isinstance(document, Usage):
        return tuple(_of_usage(document))
    if isinstance(document, Observability):
        return (_ROUNDED,)
    return tuple(_of_report(document))


def left_out(document: Document) -> str | None:
    """Return what was given and is not on the bill, because it is not offered there."""
    if not isinstance(document, Usage) or not document.edge:
        return None
    given = [name for name in _NOT_AT_THE_EDGE if getattr(document, name) is not None]
    given += ["free_tier"] if document.free_tier else []
    return f"Lambda@Edge has no {', no '.join(given)}: left out of the bill" if given else None


def _of_usage(usage: Usage) -> Iterator[str]:
    if usage.edge:
        yield "Lambda@Edge: no tiers, no free tier"
    else:
        yield "compute is priced from the first tier upward, as if the organization used nothing else this month"
        yield "the free tier is taken off in full" if usage.free_tier else "no free tier is taken off"
    yield _ROUNDED if usage.rounding == "cents" else "nothing is rounded"


def _of_report(report: Report) -> Iterator[str]:
    yield "first compute tier, no free tier, nothing rounded"
    yield "charges of SnapStart for caching and restoring are not part of it"
    if report.billed_duration_ms is None:
        yield f"billed time is derived by the rules of {report.date}, because the report does not tell it"

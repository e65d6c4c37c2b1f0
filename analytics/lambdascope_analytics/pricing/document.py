"""Reads what is to be priced from JSON: a month's usage, one REPORT line, or a month of CloudWatch."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import date as Date  # noqa: N812 - `date` is a field's name
from decimal import Decimal, localcontext
from typing import Any, Final, Never, TypeVar, cast

from lambdascope_analytics.errors import PricingInputError
from lambdascope_analytics.pricing.bill import EXACT
from lambdascope_analytics.pricing.members import Doubled, Members, Numeral
from lambdascope_analytics.pricing.observability import GetMetricData, Observability
from lambdascope_analytics.pricing.report import Report
from lambdascope_analytics.pricing.usage import Durable, ProvisionedConcurrency, SnapStart, Usage

Document = Usage | Report | Observability

KINDS: Final = ("usage", "report", "observability")
# What may stand beside the one thing to price, whatever it holds.
BESIDE: Final = ("id", "source", "note", "published", "expect")
Made = TypeVar("Made")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_documents(text: str, *, today: Date) -> Document | list[Document]:
    """Return what a JSON text holds: one document, or a list of them. `today` is the date of a report without one.

    Raises:
        PricingInputError: it is not JSON, or a field is missing, unknown or makes no sense; it names the field.
    """
    try:
        value: object = json.loads(
            text, parse_int=Numeral, parse_float=Numeral, parse_constant=_no_number, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        raise PricingInputError("document", f"is not JSON: {error}") from error
    except RecursionError as error:
        raise PricingInputError("document", "is nested too deeply") from error
    if not isinstance(value, list):
        return read_document(value, today=today)
    values = cast("list[object]", value)
    return [read_document(each, today=today, path=f"[{index}]") for index, each in enumerate(values)]


def read_document(value: object, *, today: Date, path: str = "") -> Document:
    """Return what one JSON value describes, as `json` reads it (numbers as int, Decimal or text, never float).

    Raises:
        PricingInputError: a field is missing, unknown or makes no sense; it names the field by its path.
    """
    members = Members(value, path)
    kinds = [kind for kind in KINDS if members.has(kind)]
    for name in BESIDE:
        members.has(name)
    members.finish()
    if len(kinds) != 1:
        raise PricingInputError(path or "document", f"must have exactly one of {', '.join(KINDS)}, not {len(kinds)}")
    inner = members.members(kinds[0])
    document = _observability(inner) if kinds[0] == "observability" else _of_lambda(kinds[0], inner, today)
    inner.finish()
    return document


def _of_lambda(kind: str, members: Members, today: Date) -> Usage | Report:
    return _usage(members) if kind == "usage" else _report(members, today)


def _usage(members: Members) -> Usage:
    requests = members.number("requests") if members.has("requests") else Decimal(0)
    return _made(
        Usage,
        members,
        region=members.text("region"),
        memory_mb=members.integer("memory_mb"),
        requests=requests,
        billed_total_ms=_billed_total_ms(members, requests),
        **members.optional(
            architecture=Members.text,
            ephemeral_storage_mb=Members.integer,
            free_tier=Members.flag,
            provisioned_concurrency=_provisioned,
            snapstart=_snapstart,
            streamed_response_bytes=Members.number,
            edge=Members.flag,
            tenant_environments=Members.number,
            durable=_durable,
            rounding=Members.text,
        ),
    )


def _billed_total_ms(members: Members, requests: Decimal) -> Decimal:
    has_mean, has_total = (members.has(name) for name in ("billed_duration_ms", "billed_duration_total_ms"))
    if has_mean and has_total:
        field = members.path_of("billed_duration_total_ms")
        raise PricingInputError(field, "cannot stand beside billed_duration_ms: give the one you know")
    if has_total:
        return members.number("billed_duration_total_ms")
    if not has_mean and requests:
        field = members.path_of("billed_duration_ms")
        raise PricingInputError(field, "is missing: requests need it, or billed_duration_total_ms")
    return _product(requests, members.number("billed_duration_ms")) if has_mean else Decimal(0)


def _product(requests: Decimal, mean_ms: Decimal) -> Decimal:
    with localcontext(EXACT):
        return requests * mean_ms


def _provisioned(parent: Members, name: str) -> ProvisionedConcurrency:
    members = parent.members(name)
    served = members.optional(requests=Members.number, billed_duration_ms=Members.number)
    requests = served.get("requests", Decimal(0))
    provisioned = ProvisionedConcurrency(
        concurrency=members.number("concurrency"),
        hours=members.number("hours"),
        requests=requests,
        billed_total_ms=_product(requests, served.get("billed_duration_ms", Decimal(0))),
    )
    members.finish()
    return provisioned


def _snapstart(parent: Members, name: str) -> SnapStart:
    members = parent.members(name)
    snapstart = SnapStart(cached_seconds=members.number("cached_seconds"), restores=members.number("restores"))
    members.finish()
    return snapstart


def _durable(parent: Members, name: str) -> Durable:
    members = parent.members(name)
    durable = Durable(
        operations=members.number("operations"),
        written_bytes=members.number("written_bytes"),
        retained_gb_months=members.number("retained_gb_months"),
    )
    members.finish()
    return durable


def _report(members: Members, today: Date) -> Report:
    return _made(
        Report,
        members,
        region=members.text("region"),
        memory_mb=members.integer("memory_mb"),
        duration_ms=members.number("duration_ms"),
        date=_date(members, "date") if members.has("date") else today,
        **members.optional(
            architecture=Members.text,
            ephemeral_storage_mb=Members.integer,
            init_ms=Members.number,
            restore_ms=Members.number,
            billed_restore_ms=Members.integer,
            billed_duration_ms=Members.integer,
            package=Members.text,
            managed_runtime=Members.flag,
        ),
    )


def _date(members: Members, name: str) -> Date:
    text = members.text(name)
    try:
        # The pattern, because Python reads more of ISO 8601 than a plain date.
        return Date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError as error:
        raise PricingInputError(members.path_of(name), f"must be a date such as 2026-11-22, not {text!r}") from error


def _observability(members: Members) -> Observability:
    return _made(
        Observability,
        members,
        region=members.text("region"),
        **members.optional(
            getmetricdata=_getmetricdata,
            lambda_log_gb=Members.number,
            log_gb=Members.number,
            log_storage_gb_months=Members.number,
            insights_scanned_gb=Members.number,
            custom_metrics=Members.number,
        ),
    )


def _getmetricdata(parent: Members, name: str) -> GetMetricData:
    members = parent.members(name)
    asked = _made(
        GetMetricData,
        parent,
        metrics=members.number("metrics"),
        interval_s=members.number("interval_s"),
        days=members.number("days"),
    )
    members.finish()
    return asked


def _made(kind: Callable[..., Made], members: Members, **fields: Any) -> Made:
    """What is made of these fields; what it says of one of them is told with the path to it."""
    try:
        return kind(**fields)
    except PricingInputError as error:
        raise PricingInputError(members.path_of(error.field), error.problem) from error


def _no_number(name: str) -> Never:
    raise PricingInputError("document", f"has {name}, which is no number")


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = [name for name, _ in pairs]
    # Told by whoever reads the object: in what stands beside a document it means nothing.
    return Doubled(members, twice=next(name for name in names if names.count(name) > 1))

"""Writes prices as JSON values: every amount and quantity as plain decimal text."""

from decimal import Decimal
from typing import Any

from lambdascope_analytics.pricing.bill import Price
from lambdascope_analytics.pricing.document import Document
from lambdascope_analytics.pricing.report import Report
from lambdascope_analytics.pricing.what_if import WhatIf, what_if_assumptions


def bill_data(price: Price, document: Document) -> dict[str, Any]:
    """Return the bill of a document; amounts are under the name of their currency, such as `usd`."""
    key = price.currency.lower()
    data: dict[str, Any] = {
        "currency": price.currency,
        "lines": [
            {"item": line.item, "quantity": digits(line.quantity), "unit": line.unit, key: money(line.amount)}
            for line in price.lines
        ],
        key: money(price.amount),
    }
    return data | ({"billed_ms": document.billed_ms} if isinstance(document, Report) else {})


def what_if_data(found: WhatIf) -> dict[str, Any]:
    """Return both bills and what lies between them; the difference of two currencies is null."""
    key = found.before.currency.lower()
    lines = None
    if found.difference is not None:
        lines = [{"item": line.item, key: _or_none(line.difference)} for line in found.lines]
    return {
        "before": bill_data(found.before, found.usage),
        "after": bill_data(found.after, found.changed),
        "difference": None if lines is None else {"lines": lines, key: _or_none(found.difference)},
        "assumptions": list(what_if_assumptions(found)),
    }


def money(amount: Decimal) -> str:
    """Return an amount with its cents, and with all further digits it has."""
    text = digits(amount)
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction:0<2}"


def digits(number: Decimal) -> str:
    """Return a number in full, without exponent and without zeros at its end."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _or_none(amount: Decimal | None) -> str | None:
    return None if amount is None else money(amount)

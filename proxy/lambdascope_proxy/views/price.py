"""Shows bills: what is charged line by line, the sum, and what it takes for granted; and two bills side by side."""

from collections.abc import Sequence
from decimal import Decimal

from lambdascope_analytics.pricing.bill import Price
from lambdascope_analytics.pricing.document import Document
from lambdascope_analytics.pricing.observability import Observability
from lambdascope_analytics.pricing.priced import assumptions_of
from lambdascope_analytics.pricing.report import Report
from lambdascope_analytics.pricing.usage import Usage
from lambdascope_analytics.pricing.what_if import WhatIf, what_if_assumptions
from lambdascope_analytics.pricing.written import money
from lambdascope_proxy.views.figures import share
from lambdascope_proxy.views.page import Page

_TOTAL = "total"


def show_bills(bills: Sequence[tuple[Document, Price]], page: Page) -> None:
    """Writes each bill, and once below them what all of them take for granted."""
    assumed = [(f"list prices of rate table {price.rates_version}", *assumptions_of(each)) for each, price in bills]
    shared = _shared(assumed)
    for number, ((document, price), own) in enumerate(zip(bills, assumed, strict=True), 1):
        place = f"{number}. " if len(bills) > 1 else ""
        page.heading(f"{place}{_described(document)}: {_amount(price.amount, price.currency)} {_per(document)}")
        _show_lines(price, page)
        _show_assumptions([each for each in own if each not in shared], page)
    _show_shared(shared, len(bills), page)


def show_what_ifs(answers: Sequence[WhatIf], page: Page) -> None:
    """Writes both bills of each and what lies between them, and once below what all of them take for granted."""
    assumed = [_assumed(found) for found in answers]
    shared = _shared(assumed)
    for found, own in zip(answers, assumed, strict=True):
        before, after = found.before, found.after
        page.heading(f"{_described(found.usage)}: {_amount(before.amount, before.currency)} a month")
        page.line(f"{_described(found.changed)}: {_amount(after.amount, after.currency)} a month{_compared(found)}")
        _show_differences(found, page)
        _show_assumptions([each for each in own if each not in shared], page)
    _show_shared(shared, len(answers), page)


def _assumed(found: WhatIf) -> tuple[str, ...]:
    version = f"list prices of rate table {found.before.rates_version}"
    return (version, *assumptions_of(found.usage), *what_if_assumptions(found))


def _shared(assumed: Sequence[tuple[str, ...]]) -> list[str]:
    return [each for each in assumed[0] if all(each in others for others in assumed)] if assumed else []


def _show_lines(price: Price, page: Page) -> None:
    rows = [[line.item, line.quantity, line.unit, _plain(line.amount)] for line in price.lines]
    total = [_TOTAL, None, None, _plain(price.amount)]
    page.table(["item", "quantity", "unit", price.currency], [*rows, total], right=[price.currency])


def _show_differences(found: WhatIf, page: Page) -> None:
    rows = [[line.item, _cell(line.before), _cell(line.after), _signed(line.difference)] for line in found.lines]
    total = [_TOTAL, _plain(found.before.amount), _plain(found.after.amount), _signed(found.difference)]
    columns = ["item", f"now {found.before.currency}", f"then {found.after.currency}", "difference"]
    page.table(columns, [*rows, total], right=columns[1:])


def _show_shared(shared: Sequence[str], count: int, page: Page) -> None:
    if count > 1 and shared:
        page.heading("Of all of them:")
    _show_assumptions(shared, page)


def _show_assumptions(assumed: Sequence[str], page: Page) -> None:
    for each in assumed:
        page.line(f"- {each}")


def _described(document: Document) -> str:
    if isinstance(document, Observability):
        return f"CloudWatch in {document.region}"
    if isinstance(document, Report):
        return f"{document.memory_mb:,} MB on {document.architecture} in {document.region}, {document.billed_ms:,} ms"
    edge = " at the edge" if document.edge else f" in {document.region}"
    return f"{document.memory_mb:,} MB on {document.architecture}{edge}{_held(document)}"


def _held(usage: Usage) -> str:
    # The edge has none: what is given of it is left out of the bill.
    held = None if usage.edge else usage.provisioned_concurrency
    return f" with {held.concurrency.normalize():f} provisioned" if held else ""


def _per(document: Document) -> str:
    return "for this invocation" if isinstance(document, Report) else "a month"


def _compared(found: WhatIf) -> str:
    if found.difference is None:
        return ""
    if not found.difference:
        return ", the same"
    part = share(float(abs(found.difference) / found.before.amount)) if found.before.amount else ""
    word = "less" if found.difference < 0 else "more"
    return f", {_amount(abs(found.difference), found.before.currency)} {word}{part and f' ({part})'}"


def _amount(amount: Decimal, currency: str) -> str:
    return f"${_plain(amount)}" if currency == "USD" else f"{currency} {_plain(amount)}"


def _plain(amount: Decimal) -> str:
    whole, _, fraction = money(amount).partition(".")
    return f"{'-' if amount < 0 else ''}{abs(int(whole)):,}.{fraction}"


def _cell(amount: Decimal | None) -> str | None:
    return None if amount is None else _plain(amount)


def _signed(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{'+' if amount > 0 else ''}{_plain(amount)}"

"""What `lambdascope price` shows to people."""

from datetime import date
from decimal import Decimal
from typing import Any

from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.pricing.document import Document, read_document
from lambdascope_analytics.pricing.priced import price_document
from lambdascope_analytics.pricing.tables import load_cloudwatch_rates
from lambdascope_analytics.pricing.usage import Usage
from lambdascope_analytics.pricing.what_if import what_if
from lambdascope_proxy.views.page import Page
from lambdascope_proxy.views.price import show_bills, show_what_ifs

USAGE: dict[str, Any] = {
    "region": "us-east-1",
    "memory_mb": 1536,
    "requests": 60_000_000,
    "billed_duration_ms": 120,
    "provisioned_concurrency": {"concurrency": 100, "hours": 8},
}
REPORT: dict[str, Any] = {"region": "cn-north-1", "memory_mb": 1024, "duration_ms": "1.5"}
SHOWN = """\
1. 1,536 MB on x86_64 in us-east-1 with 100 provisioned: $210.00 a month
item                   quantity  unit         USD
─────────────────────────────────────────────────
requests             60,000,000  requests   12.00
compute              10,800,000  GB-s      180.00
provisioned_idle      4,320,000  GB-s       18.00
provisioned_compute           0  GB-s        0.00
total                                      210.00
- compute is priced from the first tier upward, as if the organization used nothing else this month
- no free tier is taken off
- each line, and each tier of one, is rounded half up to cents, as on AWS's bill

2. 1,024 MB on x86_64 in cn-north-1, 2 ms: CNY 0.000001586954 for this invocation
item      quantity  unit                 CNY
────────────────────────────────────────────
requests         1  requests      0.00000136
compute      0.002  GB-s      0.000000226954
total                         0.000001586954
- first compute tier, no free tier, nothing rounded
- charges of SnapStart for caching and restoring are not part of it
- billed time is derived by the rules of 2026-11-22, because the report does not tell it

Of all of them:
- list prices of rate table 2026-09-19
"""
COMPARED = """\
1,024 MB on x86_64 in us-east-1: $5,000.21 a month
512 MB on x86_64 in us-east-1: $2,500.21 a month, $2,500.00 less (50%)
item       now USD  then USD  difference
────────────────────────────────────────
requests      0.20      0.20        0.00
compute   5,000.01  2,500.01   -2,500.00
total     5,000.21  2,500.21   -2,500.00
- list prices of rate table 2026-09-19
- compute is priced from the first tier upward, as if the organization used nothing else this month
- no free tier is taken off
- each line, and each tier of one, is rounded half up to cents, as on AWS's bill
- billed time stays as it is; how it moves with memory or architecture only a measurement tells
"""
USED = Usage(region="us-east-1", memory_mb=1024, requests=Decimal(10**6), billed_total_ms=Decimal(3 * 10**11))


def shown(*documents: Document) -> str:
    page = Page()
    tables = {"rates": load_rates(), "cloudwatch_rates": load_cloudwatch_rates()}
    show_bills([(each, price_document(each, **tables)) for each in documents], page)
    return page.text()


def compared(used: Usage, **changes: Any) -> str:
    page = Page()
    show_what_ifs([what_if(load_rates(), used, **changes)], page)
    return page.text()


def document(**kind: Any) -> Document:
    return read_document(kind, today=date(2026, 11, 22))


def test_bills_are_tables_with_their_sum_and_what_they_take_for_granted() -> None:
    assert shown(document(usage=USAGE), document(report=REPORT)) == SHOWN


def test_cloudwatch_and_the_edge_are_called_by_their_names() -> None:
    used = {"region": "us-east-1", "custom_metrics": 90}
    assert shown(document(observability=used)).startswith("CloudWatch in us-east-1: $27.00 a month\n")
    held = {"concurrency": 100, "hours": 8}
    edge = {"region": "us-east-1", "memory_mb": 128, "edge": True, "provisioned_concurrency": held}
    assert shown(document(usage=edge)).startswith("128 MB on x86_64 at the edge: $0.00 a month\n")


def test_another_configuration_stands_beside_it_line_by_line() -> None:
    assert compared(USED, memory_mb=512) == COMPARED


def test_a_line_that_only_one_bill_has_is_empty_on_the_other() -> None:
    lines = {line.split()[0]: line.split()[1:] for line in compared(USED, provisioned_concurrency=1).splitlines()}
    assert lines["provisioned_idle"] == ["10.95", "+10.95"]


def test_what_makes_no_difference_and_what_cannot_be_compared_is_said() -> None:
    assert "$5,000.21 a month, the same\n" in compared(USED, memory_mb=1024)
    text = compared(USED, region="cn-north-1")
    assert "- USD and CNY are not compared" in text
    assert "less" not in text.splitlines()[1]

"""Every published example is reproduced; the two files beside this one name the source of each."""

import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.pricing.document import Document, read_document, read_documents
from lambdascope_analytics.pricing.priced import assumptions_of, left_out, price_document
from lambdascope_analytics.pricing.tables import load_cloudwatch_rates
from lambdascope_analytics.pricing.written import bill_data

TODAY = date(2026, 11, 22)
DATA = Path(__file__).with_name("data")


def examples() -> list[tuple[dict[str, Any], Document]]:
    """Each example as it is published, and as it is read."""
    found: list[tuple[dict[str, Any], Document]] = []
    for name in ("worked-examples.json", "published-examples.json"):
        text = (DATA / name).read_text(encoding="utf-8")
        documents = read_documents(text, today=TODAY)
        assert isinstance(documents, list)
        found += zip(json.loads(text), documents, strict=True)
    return found


def is_shown_as(amount: str, expected: str) -> bool:
    return Decimal(amount).quantize(Decimal(expected), ROUND_HALF_UP) == Decimal(expected)


EXAMPLES = examples()


@pytest.mark.parametrize(("example", "document"), EXAMPLES, ids=[example["id"] for example, _ in EXAMPLES])
def test_a_published_example_comes_out_to_its_last_digit(example: dict[str, Any], document: Document) -> None:
    price = price_document(document, rates=load_rates(), cloudwatch_rates=load_cloudwatch_rates())
    bill, expect = bill_data(price, document), example["expect"]
    key = bill["currency"].lower()
    assert key == expect.get("currency", "CNY" if document.region.startswith("cn-") else "USD").lower()
    lines = {line["item"]: line[key] for line in bill["lines"]}
    wrong = {
        item: lines[item] for item, shown in expect.get("lines", {}).items() if not is_shown_as(lines[item], shown)
    }
    assert wrong == {}
    assert "usd" not in expect or is_shown_as(bill["usd"], expect["usd"])
    assert bill.get("billed_ms") == expect.get("billed_ms", bill.get("billed_ms"))


def test_the_examples_are_those_that_were_published() -> None:
    """A file that was emptied would pass all of the above."""
    assert [
        len(json.loads((DATA / name).read_text())) for name in ("worked-examples.json", "published-examples.json")
    ] == [
        21,
        15,
    ]


def of(**kind: Any) -> Document:
    return read_document(kind, today=TODAY)


USAGE: dict[str, Any] = {"region": "us-east-1", "memory_mb": 1024}


def test_what_a_price_takes_for_granted_is_said() -> None:
    assert "no free tier is taken off" in assumptions_of(of(usage=USAGE))
    assert "the free tier is taken off in full" in assumptions_of(of(usage={**USAGE, "free_tier": True}))
    assert "nothing is rounded" in assumptions_of(of(usage={**USAGE, "rounding": "exact"}))
    assert any("first tier" in each for each in assumptions_of(of(usage=USAGE)))
    assert assumptions_of(of(usage={**USAGE, "edge": True}))[0] == "Lambda@Edge: no tiers, no free tier"
    assert any("2026-11-22" in each for each in assumptions_of(of(report={**USAGE, "duration_ms": 1})))
    known = of(report={**USAGE, "duration_ms": 1, "billed_duration_ms": 1})
    assert not any("2026-11-22" in each for each in assumptions_of(known))
    assert any("cents" in each for each in assumptions_of(of(observability={"region": "us-east-1", "log_gb": 1})))


def test_what_the_edge_does_not_have_is_named_when_it_is_given() -> None:
    """A charge that is asked for and not on the bill must not pass in silence."""
    given = {**USAGE, "edge": True, "free_tier": True, "tenant_environments": 1}
    assert left_out(of(usage=given)) == "Lambda@Edge has no tenant_environments, no free_tier: left out of the bill"
    assert left_out(of(usage={**USAGE, "edge": True})) is None
    assert left_out(of(usage={**USAGE, "tenant_environments": 1})) is None
    assert left_out(of(report={**USAGE, "duration_ms": 1})) is None

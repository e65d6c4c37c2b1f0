"""Reading what is to be priced: what is right is taken to its last digit, all else is refused by the field's path."""

import copy
import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import PricingInputError
from lambdascope_analytics.pricing.document import read_document, read_documents
from lambdascope_analytics.pricing.observability import Observability
from lambdascope_analytics.pricing.report import Report
from lambdascope_analytics.pricing.usage import Usage

TODAY = date(2026, 11, 22)
FULL: dict[str, Any] = {
    "usage": {
        "region": "us-east-1",
        "architecture": "arm64",
        "memory_mb": 512,
        "requests": 1000,
        "billed_duration_ms": "72.8",
        "ephemeral_storage_mb": 1024,
        "free_tier": True,
        "provisioned_concurrency": {"concurrency": 2, "hours": "8", "requests": 10, "billed_duration_ms": 5},
        "snapstart": {"cached_seconds": 10_800, "restores": 3},
        "streamed_response_bytes": 1,
        "edge": False,
        "tenant_environments": 1,
        "durable": {"operations": 1, "written_bytes": 2, "retained_gb_months": "0.5"},
        "rounding": "exact",
    },
    "report": {
        "region": "us-east-1",
        "memory_mb": 512,
        "duration_ms": "1.83",
        "architecture": "x86_64",
        "ephemeral_storage_mb": 512,
        "init_ms": "208.27",
        "restore_ms": 1,
        "billed_restore_ms": 1,
        "billed_duration_ms": 211,
        "date": "2025-08-01",
        "package": "image",
        "managed_runtime": False,
    },
    "observability": {
        "region": "us-east-1",
        "getmetricdata": {"metrics": 20, "interval_s": 300, "days": 30},
        "lambda_log_gb": 1,
        "log_gb": "1.5",
        "log_storage_gb_months": 1,
        "insights_scanned_gb": 1,
        "custom_metrics": 1,
    },
}
REQUIRED = {
    "usage": ["region", "memory_mb", "billed_duration_ms"],
    "report": ["region", "memory_mb", "duration_ms"],
    "observability": ["region"],
    "provisioned_concurrency": ["concurrency", "hours"],
    "snapstart": ["cached_seconds", "restores"],
    "durable": ["operations", "written_bytes", "retained_gb_months"],
    "getmetricdata": ["metrics", "interval_s", "days"],
}


def read(**kind: Any) -> Any:
    return read_document(kind, today=TODAY)


def read_text(text: str) -> Any:
    return read_documents(text, today=TODAY)


def refused(document: object) -> str:
    with pytest.raises(PricingInputError) as caught:
        read_document(document, today=TODAY)
    return caught.value.field


def places() -> list[tuple[str, ...]]:
    """The path of every object in the documents."""
    found: list[tuple[str, ...]] = []
    for kind, fields in FULL.items():
        found += [(kind,), *((kind, name) for name, value in fields.items() if isinstance(value, dict))]
    return found


def inside(document: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    for step in path:
        document = document[step]
    return document


def full(path: tuple[str, ...]) -> dict[str, Any]:
    return {path[0]: copy.deepcopy(FULL[path[0]])}


def test_a_full_document_of_each_kind_is_read() -> None:
    usage = read(usage=FULL["usage"])
    assert isinstance(usage, Usage)
    assert (usage.requests, usage.billed_total_ms, usage.free_tier) == (1000, 72_800, True)
    assert usage.provisioned_concurrency is not None
    assert usage.provisioned_concurrency.billed_total_ms == 50
    report = read(report=FULL["report"])
    assert isinstance(report, Report)
    assert (report.date, report.package, report.billed_ms) == (date(2025, 8, 1), "image", 211)
    observability = read(observability=FULL["observability"])
    assert isinstance(observability, Observability)
    assert observability.getmetricdata is not None
    assert observability.getmetricdata.metric_requests == 172_800


def test_what_is_left_out_is_as_documented() -> None:
    usage = read(usage={"region": "us-east-1", "memory_mb": 128})
    assert usage == Usage(region="us-east-1", memory_mb=128)
    report = read(report={"region": "us-east-1", "memory_mb": 128, "duration_ms": 1})
    assert (report.date, report.package, report.managed_runtime) == (TODAY, "zip", True)


@pytest.mark.parametrize("path", places(), ids=".".join)
def test_a_key_that_is_not_known_is_refused_at_every_level(path: tuple[str, ...]) -> None:
    """Or a misspelt charge would be left off the bill."""
    document = full(path)
    inside(document, path)["requets"] = 1
    assert refused(document) == ".".join((*path, "requets"))


@pytest.mark.parametrize("path", places(), ids=".".join)
def test_a_required_field_that_is_missing_is_named(path: tuple[str, ...]) -> None:
    for name in REQUIRED[path[-1]]:
        document = full(path)
        del inside(document, path)[name]
        assert refused(document) == ".".join((*path, name))


@pytest.mark.parametrize("path", places(), ids=".".join)
@pytest.mark.parametrize(
    "value", [-1, "-0.1", "1_000", "0x10", "NaN", "Infinity", "", " 1", "1e9999999999", "1e30", 1.5, True, None, [], {}]
)
def test_a_number_that_is_none_or_negative_is_refused_wherever_it_stands(path: tuple[str, ...], value: object) -> None:
    fields = inside(full(path), path)
    numbers = [
        name for name, is_now in fields.items() if isinstance(is_now, int | str) and not isinstance(is_now, bool)
    ]
    for name in (each for each in numbers if each not in ("region", "architecture", "rounding", "date", "package")):
        document = full(path)
        inside(document, path)[name] = value
        assert refused(document) == ".".join((*path, name))


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("usage", "region", ""),
        ("usage", "region", 1),
        ("usage", "memory_mb", 10_241),
        ("usage", "memory_mb", "128.5"),
        ("usage", "architecture", "x86"),
        ("usage", "rounding", "up"),
        ("usage", "free_tier", "true"),
        ("usage", "edge", 1),
        ("usage", "ephemeral_storage_mb", 511),
        ("usage", "snapstart", []),
        ("usage", "provisioned_concurrency", None),
        ("report", "billed_duration_ms", "1.5"),
        ("report", "duration_ms", 86_400_001),
        ("report", "date", "20250801"),
        ("report", "date", "2025-02-30"),
        ("report", "date", 2025),
        ("report", "package", "jar"),
        ("report", "managed_runtime", 1),
        ("observability", "getmetricdata", 5),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_its_path(kind: str, field: str, value: object) -> None:
    assert refused({kind: {**FULL[kind], field: value}}) == f"{kind}.{field}"


def test_an_interval_of_nothing_is_refused() -> None:
    asked = {"metrics": 1, "interval_s": 0, "days": 1}
    assert (
        refused({"observability": {"region": "a", "getmetricdata": asked}}) == "observability.getmetricdata.interval_s"
    )


def test_a_mean_and_a_total_of_billed_time_exclude_one_another() -> None:
    both = {**FULL["usage"], "billed_duration_total_ms": 5}
    assert refused({"usage": both}) == "usage.billed_duration_total_ms"
    total = {**FULL["usage"], "billed_duration_total_ms": 363_796}
    del total["billed_duration_ms"]
    assert read(usage=total).billed_total_ms == 363_796


@pytest.mark.parametrize("document", [{}, {"id": "x"}, {"usage": FULL["usage"], "report": FULL["report"]}, 5, None, []])
def test_exactly_one_thing_is_priced(document: object) -> None:
    assert refused(document) == "document"


def test_notes_may_stand_beside_it_and_nothing_else() -> None:
    beside = {"id": 1, "source": [], "note": {}, "published": None, "expect": "x"}
    assert read(**beside, usage=FULL["usage"]) == read(usage=FULL["usage"])
    assert refused({"usage": FULL["usage"], "comment": "x"}) == "comment"


def test_no_digit_of_a_json_number_is_lost() -> None:
    """Catches a float on the way: 0.1 would come back with 55 digits, or as another number."""
    text = '{"usage": {"region": "r", "memory_mb": 128, "requests": 3, "billed_duration_ms": 0.1000000000000000055}}'
    assert read_text(text).billed_total_ms == Decimal("0.3000000000000000165")
    assert read_text(text.replace("3,", "3e0,").replace("128", "128.0")) == read_text(text)


def test_a_list_is_read_as_a_list_and_its_faults_are_told_by_place() -> None:
    text = json.dumps([FULL["usage"] and {"usage": FULL["usage"]}])
    assert read_text(text) == [read(usage=FULL["usage"])]
    assert read_text("[]") == []
    with pytest.raises(PricingInputError, match=r"^\[1\]\.usage\.region is missing$"):
        read_text(f'[{{"usage": {json.dumps(FULL["usage"])}}}, {{"usage": {{"memory_mb": 128}}}}]')
    with pytest.raises(PricingInputError, match=r"^\[0\] must be an object"):
        read_text("[[]]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("NaN", "no number"),
        ('{"usage": Infinity}', "no number"),
        ('{"usage": {}, "usage": {}}', "usage is given twice"),
        ('{"usage": {"region": "r", "region": "r"}}', "usage.region is given twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"usage": {"region": "r", "memory_mb": ' + "9" * 10_000 + "}}", "must be below"),
    ],
)
def test_a_text_that_is_no_document_is_refused(text: str, said: str) -> None:
    with pytest.raises(PricingInputError, match=said) as caught:
        read_text(text)
    assert len(str(caught.value)) < 250


def test_what_stands_beside_a_document_may_hold_anything() -> None:
    text = json.dumps({"usage": FULL["usage"], "note": "?"})
    assert read_text(text.replace('"?"', '{"a": 1, "a": {"b": 2, "b": 3}}')) == read_text(text)


names = st.sampled_from(sorted({name for fields in FULL.values() for name in fields} | {"usage", "report", "id", "x"}))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.text(max_size=4) | st.just("us-east-1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=12,
)


@given(value=json_values, path=st.sampled_from(places()), name=names)
def test_whatever_json_it_is_it_is_read_or_refused(value: object, path: tuple[str, ...], name: str) -> None:
    """In a document that is right but for one value, so that deep places are reached too."""
    document = full(path)
    inside(document, path)[name] = value
    for each in (value, document):
        with suppress(PricingInputError):
            assert read_text(json.dumps(each)) is not None

"""Fields are found in Lambda's lines and in the first JSON object of any other message."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.insights.discovery import MAX_JSON_FIELDS, discovered
from lambdascope_proxy.local.reports import JsonLines, Report, TextLines

REPORT = Report(
    request_id="5b1f0c52",
    duration_ms=212.4,
    memory_mb=1024,
    max_memory_mb=7,
    init_ms=388.15,
    status="timeout",
    trace_id="1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12",
    segment_id="3c9e1f7a5b2d4860",
)


def test_the_report_that_the_local_lambda_writes_gives_all_fields() -> None:
    assert discovered(TextLines().report(REPORT) + "\n") == {
        "@type": "REPORT",
        "@requestId": "5b1f0c52",
        "@duration": "212.40",
        "@billedDuration": "601",
        "@initDuration": "388.15",
        "@memorySize": "1.024E9",
        "@maxMemoryUsed": "7000000.0",
        "@xrayTraceId": "1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12",
        "@xraySegmentId": "3c9e1f7a5b2d4860",
    }


def test_the_record_that_the_local_lambda_writes_gives_its_json() -> None:
    fields = discovered(JsonLines().report(REPORT))
    assert fields["type"] == "platform.report"
    assert fields["record.metrics.billedDurationMs"] == "601"
    assert fields["record.metrics.initDurationMs"] == "388.15"
    assert not any(name.startswith("@") for name in fields)


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("START RequestId: r Version: 3\n", {"@type": "START", "@requestId": "r"}),
        ("END RequestId: r\n", {"@type": "END", "@requestId": "r"}),
        (
            "REPORT RequestId: r\tDuration: 9.20 ms\tRestore Duration: 431.66 ms\tBilled Restore Duration: 27 ms\t\n",
            {"@type": "REPORT", "@requestId": "r", "@duration": "9.20"},
        ),
        (
            "REPORT RequestId: r\tInit Duration: 5.00 ms\t",
            {"@type": "REPORT", "@requestId": "r", "@initDuration": "5.00"},
        ),
        ("INIT_START Runtime Version: python:3.13.v41\n", {}),
        (" REPORT RequestId: r\n", {}),
        ("plain text\n", {}),
        ('{"a": 1, "b": {"c": [true, false, null, "x"]}}', {"a": "1", "b.c.0": "1", "b.c.1": "0", "b.c.3": "x"}),
        ('{"a": 1.50, "b": 1e3, "c": 123456789012345678901}', {"a": "1.50", "b": "1e3", "c": "123456789012345678901"}),
        ('{"@a": 1, "b": {"@c": 2}}', {"@@a": "1", "b.@c": "2"}),
        ('text {not json} then {"a": "b"} and {"c": "d"}', {"a": "b"}),
        ('{"a": "{\\"b\\": 1}"}', {"a": '{"b": 1}'}),
        ('{"a": NaN}', {}),
        ('{"a": {}, "b": [], "c": ""}', {"c": ""}),
        ('{"a": "\\ud800"}', {"a": "?"}),
        ('{"": {"": 1}}', {".": "1"}),
        ("{" * 5000, {}),
    ],
)
def test_a_message_has_exactly_these_fields(message: str, fields: dict[str, str]) -> None:
    assert discovered(message) == fields


def test_no_more_than_two_hundred_json_fields_are_found() -> None:
    fields = discovered(json.dumps({f"k{number}": number for number in range(300)}))
    assert list(fields) == [f"k{number}" for number in range(MAX_JSON_FIELDS)]


def test_deep_json_ends_somewhere() -> None:
    assert discovered('{"a": ' * 150 + "1" + "}" * 150) == {}


NAMES = st.text("ab_-", min_size=1, max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


@given(value=st.dictionaries(NAMES, JSON, max_size=4))
def test_each_field_leads_to_the_value_it_names(value: dict[str, Any]) -> None:
    for name, text in discovered(json.dumps(value)).items():
        found: Any = value
        for step in name.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
        assert text == (str(int(found)) if isinstance(found, bool) else str(found))

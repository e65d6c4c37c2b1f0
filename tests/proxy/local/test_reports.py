"""The platform's lines, against published examples."""

import json
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.reports import JsonLines, Report, TextLines

ID = "5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80"
WARM = {"request_id": ID, "duration_ms": 41.37, "memory_mb": 256, "max_memory_mb": 91}
COLD = {"request_id": ID, "duration_ms": 212.40, "memory_mb": 256, "max_memory_mb": 94, "init_ms": 388.15}


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        (WARM, ["Duration: 41.37 ms", "Billed Duration: 42 ms", "Memory Size: 256 MB", "Max Memory Used: 91 MB"]),
        (
            COLD,
            [
                "Duration: 212.40 ms",
                "Billed Duration: 601 ms",
                "Memory Size: 256 MB",
                "Max Memory Used: 94 MB",
                "Init Duration: 388.15 ms",
            ],
        ),
        (
            {**COLD, "duration_ms": 5000.0, "init_ms": 612.44, "status": "timeout"},
            [
                "Duration: 5000.00 ms",
                "Billed Duration: 5613 ms",
                "Memory Size: 256 MB",
                "Max Memory Used: 94 MB",
                "Init Duration: 612.44 ms",
                "Status: timeout",
            ],
        ),
        (
            {**WARM, "status": "failure", "error_type": "Runtime.ExitError"},
            [
                "Duration: 41.37 ms",
                "Billed Duration: 42 ms",
                "Memory Size: 256 MB",
                "Max Memory Used: 91 MB",
                "Status: error",
                "Error Type: Runtime.ExitError",
            ],
        ),
        (
            {**WARM, "status": "error"},
            ["Duration: 41.37 ms", "Billed Duration: 42 ms", "Memory Size: 256 MB", "Max Memory Used: 91 MB"],
        ),
    ],
)
def test_a_text_report_has_the_fields_of_its_kind(facts: dict[str, Any], fields: list[str]) -> None:
    assert TextLines().report(Report(**facts)) == "\t".join([f"REPORT RequestId: {ID}", *fields]) + "\t"


def test_a_sampled_trace_is_a_second_line() -> None:
    line = TextLines().report(
        Report(**WARM, trace_id="1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12", segment_id="3c9e1f7a5b2d4860")
    )
    assert line.endswith(
        "MB\t\nXRAY TraceId: 1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12\tSegmentId: 3c9e1f7a5b2d4860\tSampled: true\t"
    )


def test_a_json_report_has_the_same_numbers() -> None:
    record = json.loads(JsonLines().report(Report(**COLD)))
    assert record["type"] == "platform.report"
    assert record["record"] == {
        "requestId": ID,
        "metrics": {
            "durationMs": 212.4,
            "billedDurationMs": 601,
            "memorySizeMB": 256,
            "maxMemoryUsedMB": 94,
            "initDurationMs": 388.15,
        },
        "status": "success",
    }


@given(duration=st.integers(0, 90_000_000), init=st.one_of(st.none(), st.integers(0, 1_000_000)))
def test_billed_is_the_printed_durations_rounded_up_once(duration: int, init: int | None) -> None:
    """In hundredths of a millisecond; catches two durations that are rounded up each."""
    report = Report(
        request_id=ID,
        duration_ms=duration / 100,
        init_ms=None if init is None else init / 100,
        memory_mb=128,
        max_memory_mb=1,
    )
    assert report.billed_ms == math.ceil(Fraction(duration + (init or 0), 100))

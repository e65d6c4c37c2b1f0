"""Log lines: none tells a secret, each finds its trace, and no family of them floods stderr."""

import json
import logging
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from opentelemetry.sdk.trace import TracerProvider

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.log_lines import JsonLines, ScrubbedLines, Sparse


def test_secrets_in_the_message_its_arguments_and_the_traceback_are_masked() -> None:
    try:
        raise ValueError("cannot connect to postgres://ada:hunter2@db/orders")
    except ValueError:
        told = sys.exc_info()
    message = "key %s of call 01935a2b-7c00-7000-8000-000000000001 failed"
    record = logging.LogRecord(
        "lambdascope_proxy.x", logging.ERROR, "x.py", 1, message, ("AKIAIOSFODNN7EXAMPLE",), told
    )
    line = ScrubbedLines(Scrubber().text).format(record)
    assert "hunter2" not in line
    assert "AKIA" not in line
    assert "ERROR lambdascope_proxy.x: key [masked] of call 01935a2b-7c00-7000-8000-000000000001 failed" in line
    assert "ValueError: cannot connect to postgres://[masked]@db/orders" in line


def test_a_json_line_has_the_ids_of_its_span_and_masks_its_words_and_traceback() -> None:
    try:
        raise ValueError("postgres://ada:hunter2@db/orders")
    except ValueError:
        told = sys.exc_info()
    record = logging.LogRecord("lambdascope_proxy.x", logging.ERROR, "x.py", 1, 'a "quoted"\nline', (), told)
    record.attributes = {"call_id": "c1", "total_ms": 1200.5, "client_name": "agent password=hunter2"}
    with TracerProvider(shutdown_on_exit=False).get_tracer("tests").start_as_current_span("call") as span:
        text = JsonLines(Scrubber().text).format(record)
    assert "\n" not in text  # one line, whatever is in it
    line = json.loads(text)
    assert line["message"] == 'a "quoted"\nline'
    assert (line["level"], line["logger"], line["call_id"], line["total_ms"]) == (
        "ERROR",
        "lambdascope_proxy.x",
        "c1",
        1200.5,
    )
    assert line["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert line["span_id"] == f"{span.get_span_context().span_id:016x}"
    assert "hunter2" not in text
    assert "postgres://[masked]@db/orders" in line["exception"]
    assert line["client_name"] == "agent password=[masked]"
    assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)


def test_a_text_line_says_on_its_first_line_all_that_a_json_line_says() -> None:
    try:
        raise ValueError("no")
    except ValueError:
        told = sys.exc_info()
    record = logging.LogRecord("lambdascope_proxy.x", logging.WARNING, "x.py", 1, "slow call", (), told)
    record.attributes = {"call_id": "c1", "total_ms": 1200.5}
    with TracerProvider(shutdown_on_exit=False).get_tracer("tests").start_as_current_span("call") as span:
        first, *traceback = ScrubbedLines(Scrubber().text).format(record).splitlines()
    ids = f"trace_id={span.get_span_context().trace_id:032x} span_id={span.get_span_context().span_id:016x}"
    assert first.endswith(f"WARNING lambdascope_proxy.x: slow call call_id=c1 total_ms=1200.5 {ids}")
    assert traceback[-1] == "ValueError: no"


@pytest.mark.parametrize(("form", "is_json"), [("json", True), ("text", False), ("auto", True)])
def test_the_form_of_lines_is_a_setting_and_json_where_stderr_is_no_terminal(form: str, is_json: bool) -> None:
    program = (
        "import logging\n"
        "from lambdascope_proxy.log_lines import set_up_logging\n"
        f"set_up_logging('WARNING', form={form!r})\n"
        "logging.getLogger('lambdascope_proxy.x').warning('slow')\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout == ""
    assert ran.stderr.startswith("{") == is_json
    assert "slow" in ran.stderr


def test_the_same_line_of_a_noisy_family_is_written_once_in_a_while_and_every_line_of_others() -> None:
    # The exporters write several lines for each batch that is lost while a collector is down.
    sparse = Sparse("opentelemetry", every_s=60)
    noisy = [
        ("opentelemetry.exporter", 10, 0.0),
        ("opentelemetry.exporter", 10, 59.9),
        ("opentelemetry.exporter", 20, 59.9),  # another line
        ("opentelemetry.exporter", 10, 60.0),
    ]
    assert [sparse.filter(record(*line)) for line in noisy] == [True, False, True, True]
    assert all(sparse.filter(record("lambdascope_proxy", 1, 61.0)) for _ in range(3))


def record(name: str, line: int, created: float) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, "x.py", line, "lost", None, None)
    made.created = created
    return made

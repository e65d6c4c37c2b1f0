"""The report of an invocation is read in every form the platform writes it, or not at all."""

import base64
import json
import math
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambdascope_proxy.report import (
    Report,
    decode_tail,
    mentions_timeout,
    parse_report,
)

ID = "8f2c7d10-93be-4d0c-8a55-6b1e0f9d3c21"
OTHER_ID = "11d4c6aa-5e0f-4b83-9d27-c0ffee000001"
TRACE = "1-6921b001-4c2d9e8f7a6b5c4d3e2f1a0b"
ABSENT: dict[str, Any] = dict.fromkeys(Report.__slots__)
WARM = (
    f"REPORT RequestId: {ID}\tDuration: 18.04 ms\tBilled Duration: 19 ms\tMemory Size: 512 MB\tMax Memory Used: 77 MB\t"
)


def report_of(**known: Any) -> Report:
    fields: dict[str, Any] = ABSENT | {"request_id": ID} | known
    return Report(**fields)


PLAIN = report_of(duration_ms=18.04, billed_ms=19, memory_mb=512, max_memory_mb=77)


def platform_report(**record: Any) -> str:
    return json.dumps({"time": "2026-11-22T10:00:00.000Z", "type": "platform.report", "record": record}) + "\n"


# --- the tail -------------------------------------------------------------------------------------------------------


def test_a_tail_is_decoded() -> None:
    assert decode_tail(base64.b64encode("prix: 3 €\n".encode()).decode()) == "prix: 3 €\n"


def test_a_tail_that_begins_inside_a_character_is_decoded() -> None:
    assert decode_tail(base64.b64encode("€ 3\n".encode()[1:]).decode()) == "�� 3\n"


@pytest.mark.parametrize("broken", [None, "", "abc", "not base64!", "QUJD\nREVG", "é"])
def test_what_is_not_base64_gives_no_tail(broken: str | None) -> None:
    assert decode_tail(broken) == ""


@given(st.text())
def test_no_log_result_makes_the_decoder_fail(log_result: str) -> None:
    assert isinstance(decode_tail(log_result), str)


# --- every form of the line -------------------------------------------------------------------------------------------

VARIANTS = {
    "warm": (WARM + "\n", PLAIN),
    "warm, without the trailing tab and newline": (WARM.rstrip(), PLAIN),
    "cold": (
        WARM.replace("19 ms", "420 ms") + "Init Duration: 401.22 ms\t\n",
        replace(PLAIN, billed_ms=420, init_ms=401.22),
    ),
    "SnapStart": (
        WARM.replace("19 ms", "60 ms") + "Restore Duration: 377.31 ms\tBilled Restore Duration: 41 ms\t\n",
        replace(PLAIN, billed_ms=60, restore_ms=377.31, billed_restore_ms=41),
    ),
    "timeout": (
        WARM.replace("18.04", "2000.00").replace("19 ms", "2000 ms") + "Status: timeout\n",
        replace(PLAIN, duration_ms=2000.0, billed_ms=2000, status="timeout"),
    ),
    "cold and timeout": (
        WARM.replace("18.04", "2000.00").replace("19 ms", "2402 ms") + "Init Duration: 401.22 ms\tStatus: timeout\n",
        replace(PLAIN, duration_ms=2000.0, billed_ms=2402, init_ms=401.22, status="timeout"),
    ),
    "out of memory": (
        WARM.replace("77 MB", "512 MB") + "Status: error\tError Type: Runtime.OutOfMemory\n",
        replace(PLAIN, max_memory_mb=512, status="error", error_type="Runtime.OutOfMemory"),
    ),
    "exit": (
        WARM + "Status: error\tError Type: Runtime.ExitError\n",
        replace(PLAIN, status="error", error_type="Runtime.ExitError"),
    ),
    "X-Ray on the next line": (
        f"{WARM}\nXRAY TraceId: {TRACE}\tSegmentId: 5a4b3c2d1e0f9a8b\tSampled: true\t\n",
        replace(PLAIN, xray_trace_id=TRACE),
    ),
    "flattened into spaces, X-Ray too": (
        f"{WARM.replace(chr(9), ' ')} XRAY TraceId: {TRACE} SegmentId: 5a4b3c2d1e0f9a8b Sampled: true",
        replace(PLAIN, xray_trace_id=TRACE),
    ),
    "space before the tab, Duration above billed, as in 2019": (
        WARM.replace("18.04", "6006.51").replace("19 ms", "6000 ms ").replace("512 MB", "512 MB "),
        replace(PLAIN, duration_ms=6006.51, billed_ms=6000),
    ),
    "a timestamp before it, a carriage return after it": (f"2026-11-22T10:00:00.000Z {WARM}\r\n", PLAIN),
    "a field that nobody knows yet": (WARM + "Snapshot Duration: 5 ms\tTier Name: Two\t\n", PLAIN),
    "init first, as the runtime emulator writes it": (
        WARM.replace("\tDuration", "\tInit Duration: 0.25 ms\tDuration") + "\n",
        replace(PLAIN, init_ms=0.25),
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_form_of_the_line_is_read_exactly(variant: str) -> None:
    text, expected = VARIANTS[variant]
    assert parse_report(text, ID) == expected
    assert parse_report(text, None) == expected
    assert parse_report(text.rstrip(), ID) == expected, "emulators and shippers strip what ends a line"


def test_a_log_flattened_into_one_line_is_read() -> None:
    text = f"START RequestId: {ID} Version: 7 hello END RequestId: {ID} {WARM}\n"
    assert parse_report(text, ID) == PLAIN


def test_an_init_report_on_the_same_line_lends_no_field_to_the_report() -> None:
    text = f"{WARM} INIT_REPORT Init Duration: 90.00 ms\tPhase: invoke\tStatus: error\n"
    assert parse_report(text, ID) == PLAIN


def test_a_line_that_something_follows_was_not_cut() -> None:
    """Before 2020 the time billed was a multiple of 100 ms, which the parts of the line do not explain."""
    old = WARM.replace("19 ms", "100 ms")
    assert parse_report(old, ID) is None
    assert parse_report(f"{old} and so on START RequestId: {OTHER_ID}", ID) == replace(PLAIN, billed_ms=100)


def test_a_report_is_cold_when_it_was_initialised_or_restored() -> None:
    assert not PLAIN.is_cold
    assert replace(PLAIN, init_ms=0.0).is_cold
    assert replace(PLAIN, restore_ms=1.0).is_cold


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_a_json_report_is_read_in_any_key_order_with_unknown_keys() -> None:
    line = json.dumps(
        {
            "record": {
                "status": "success",
                "spans": [{"name": "responseLatency", "durationMs": 9.9}],
                "tracing": {"value": f"Root={TRACE};Parent=5a4b3c2d1e0f9a8b;Sampled=1", "type": "X-Amzn-Trace-Id"},
                "metrics": {
                    "initDurationMs": 401.22,
                    "futureMs": 1,
                    "maxMemoryUsedMB": 77,
                    "memorySizeMB": 512,
                    "billedDurationMs": 420,
                    "durationMs": 18.04,
                },
                "requestId": ID,
            },
            "type": "platform.report",
            "time": "2026-11-22T10:00:00.000Z",
        }
    )
    assert parse_report(line, ID) == replace(
        PLAIN, billed_ms=420, init_ms=401.22, status="success", xray_trace_id=TRACE
    )


def test_a_json_report_of_duration_alone_leaves_the_rest_unknown() -> None:
    """Managed instances report no billed time and no memory; a 0 there would be billed as one."""
    report = parse_report(platform_report(requestId=ID, metrics={"durationMs": 7}), ID)
    assert report == report_of(duration_ms=7.0)


def test_a_json_report_of_a_failure_names_its_error_type() -> None:
    line = platform_report(requestId=ID, status="timeout", errorType="Sandbox.Timedout", metrics={"durationMs": 2000.0})
    report = parse_report(line, ID)
    assert report is not None
    assert (report.timed_out, report.error_type) == (True, "Sandbox.Timedout")


@pytest.mark.parametrize("value", [True, -1, "18", [], float("nan"), float("inf"), 10**400])
def test_a_json_report_with_a_number_that_is_none_is_no_report(value: object) -> None:
    assert parse_report(platform_report(requestId=ID, metrics={"durationMs": value}), ID) is None


@pytest.mark.parametrize("record", [None, [], "x", {}, {"requestId": 7}, {"requestId": ID, "metrics": []}])
def test_a_json_report_of_another_shape_is_no_report(record: object) -> None:
    line = json.dumps({"type": "platform.report", "record": record})
    assert parse_report(line, ID) is None
    assert parse_report(line, None) is None


def test_text_inside_a_json_log_line_is_not_a_report() -> None:
    """JSON functions whose system logs are at WARN have no report: a line they log must not become one."""
    assert parse_report(json.dumps({"level": "INFO", "message": WARM}) + "\n", ID) is None


def test_what_a_json_function_prints_cannot_hide_its_report() -> None:
    record = platform_report(requestId=ID, metrics={"durationMs": 7})
    assert parse_report(f"START RequestId: {ID}\n{record}", ID) == report_of(duration_ms=7.0)


def test_lines_that_nest_too_deeply_are_skipped() -> None:
    assert parse_report('{"a":' * 100_000 + "\n" + WARM + "\n", ID) == PLAIN


# --- which report -----------------------------------------------------------------------------------------------------


def frame(printed: str, report: str = WARM + "\n") -> str:
    return f"START RequestId: {ID} Version: $LATEST\n{printed}\nEND RequestId: {ID}\n{report}"


FAKE = WARM.replace("19 ms", "1 ms").replace("18.04", "0.50") + "\n"


def test_the_last_report_of_the_request_wins() -> None:
    assert parse_report(FAKE + WARM + "\n" + FAKE.replace(ID, OTHER_ID), ID) == PLAIN


def test_without_a_request_id_the_last_report_wins() -> None:
    assert parse_report(FAKE.replace(ID, OTHER_ID) + WARM + "\n", None) == PLAIN


def test_a_report_of_another_request_is_not_taken() -> None:
    assert parse_report(WARM.replace(ID, OTHER_ID) + "\n", ID) is None


def test_a_torn_report_does_not_give_way_to_an_earlier_one() -> None:
    assert parse_report(FAKE + WARM[:60], ID) is None


def test_a_line_that_the_handler_printed_does_not_stand_in_for_a_missing_report() -> None:
    assert parse_report(frame(FAKE, report=""), ID) is None
    assert parse_report(f"START RequestId: {ID} Version: 1\n{FAKE}", ID) is None
    assert parse_report(f"{FAKE}END RequestId: {ID}\n", ID) is None


@pytest.mark.parametrize(
    "fake",
    [
        FAKE,
        f"END RequestId: {ID}\n{FAKE}",
        f"END RequestId: {ID}\n{FAKE}START RequestId: {ID}\n",
        f"no newline at the end: {FAKE.strip()}",
        platform_report(requestId=ID, metrics={"durationMs": 1, "billedDurationMs": 1}),
    ],
)
def test_a_fake_report_printed_by_the_handler_never_wins(fake: str) -> None:
    assert parse_report(frame(fake), ID) == PLAIN
    assert parse_report(frame(fake), None) == PLAIN


def test_text_json_and_extension_lines_mix_in_one_tail() -> None:
    tail = (
        f'torn":1}}\nEXTENSION\tName: otel\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n{FAKE}{{"level": "INFO"}}\n'
        + platform_report(requestId=ID, metrics={"durationMs": 18.5, "billedDurationMs": 19})
        + "[otel] flushed\n"
    )
    report = parse_report(tail, ID)
    assert report is not None
    assert (report.duration_ms, report.billed_ms) == (18.5, 19)


# --- what is no report ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "",
        "REPORT",
        f"REPORT RequestId: {ID}\n",
        WARM.replace("18.04", "fast") + "\n",
        WARM.replace("18.04", "-1") + "\n",
        WARM.replace("18.04", "1e3") + "\n",
        WARM.replace("18.04 ms", "18.04 MB") + "\n",
        WARM.replace("18.04", "٤") + "\n",
        WARM.replace("19 ms", "19.5 ms") + "\n",
        WARM.replace("\tMemory Size: 512 MB", "") + "\n",
        WARM.replace("\tBilled Duration: 19 ms", "") + "\n",
        WARM.replace("Billed Duration", "Unbilled Duration") + "\n",
        WARM + "Duration: 9.00 ms\n",
        WARM + "Init Duration: soon\n",
        WARM + "Init Dura",
        WARM + "Init Duration: 401.2",
        WARM + "Status: timeo",
        WARM.replace("19 ms", "420 ms"),
        WARM.removeprefix("REP") + "\n",
    ],
)
def test_a_torn_or_malformed_line_is_no_report(line: str) -> None:
    assert parse_report(line, ID) is None
    assert parse_report(line, None) is None


# --- timeouts and inits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tail",
    [
        f"{WARM}\n2026-11-22T10:00:02.003Z {ID} Task timed out after 2.00 seconds\n\n",
        f"RequestId: {ID} Error: Task timed out after 2.00 seconds\n",
        VARIANTS["timeout"][0],
        platform_report(requestId=ID, status="timeout", metrics={"durationMs": 2000}),
    ],
)
def test_a_timeout_is_seen_in_the_report_or_in_the_line_of_old(tail: str) -> None:
    assert mentions_timeout(tail, ID)
    assert mentions_timeout(tail, None)
    assert not mentions_timeout(tail, OTHER_ID)


@pytest.mark.parametrize("tail", ["", WARM, "upstream said: Task timed out after 3 seconds", "Task timed out after 3"])
def test_other_mentions_of_a_timeout_are_not_one_of_the_request(tail: str) -> None:
    assert not mentions_timeout(tail, ID)


INITS = (
    "INIT_REPORT Init Duration: 164.50 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError\n"
    "INIT_REPORT Init Duration: 8000.10 ms\n"
    '{"type": "platform.initReport", "record": {"initializationType": "on-demand", "phase": "invoke", '
    '"status": "failure", "errorType": "Runtime.ExitError", "metrics": {"durationMs": 12.5}}}\n'
)


def test_a_report_of_an_init_is_none_of_a_request() -> None:
    assert parse_report(INITS, None) is None


def test_a_report_of_an_init_is_no_part_of_the_report_beside_it() -> None:
    """A shipper may put both in one line; a warm start would become a cold one."""
    assert parse_report(f"{INITS}{WARM}\n", ID) == parse_report(f"{WARM}\n", ID)
    assert parse_report(f"{WARM} INIT_REPORT Init Duration: 8000.10 ms\n", ID) == parse_report(f"{WARM}\n", ID)


# --- properties -------------------------------------------------------------------------------------------------------

# At least 1 ms of init or restore, so that a line without it cannot explain what it bills.
milliseconds = st.integers(100, 90_000_000).map(lambda hundredths: hundredths / 100)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    duration_ms = draw(milliseconds)
    init_ms, restore_ms, billed_restore_ms = draw(
        st.one_of(
            st.tuples(st.none() | milliseconds, st.none(), st.none()),
            st.tuples(st.none(), milliseconds, st.integers(1, 10_000)),
        )
    )
    status = draw(st.sampled_from([None, "success", "timeout", "error", "failure"]))
    return Report(
        request_id=ID,
        duration_ms=duration_ms,
        billed_ms=math.ceil(duration_ms + (init_ms or 0)) + (billed_restore_ms or 0),
        memory_mb=draw(st.integers(128, 32_768)),
        max_memory_mb=draw(st.integers(1, 32_768)),
        init_ms=init_ms,
        restore_ms=restore_ms,
        billed_restore_ms=billed_restore_ms,
        status=status,
        error_type=draw(st.none() | st.sampled_from(["Runtime.ExitError", "Runtime.Unknown"])) if status else None,
        xray_trace_id=draw(st.sampled_from([None, TRACE])),
    )


def as_line(report: Report, separator: str = "\t") -> str:
    fields = [
        ("Duration", report.duration_ms, "ms"),
        ("Billed Duration", report.billed_ms, "ms"),
        ("Memory Size", report.memory_mb, "MB"),
        ("Max Memory Used", report.max_memory_mb, "MB"),
        ("Init Duration", report.init_ms, "ms"),
        ("Restore Duration", report.restore_ms, "ms"),
        ("Billed Restore Duration", report.billed_restore_ms, "ms"),
        ("Status", report.status, ""),
        ("Error Type", report.error_type, ""),
    ]
    rendered = [
        f"{name}: {value:.2f} {unit}" if isinstance(value, float) else f"{name}: {value} {unit}".rstrip()
        for name, value, unit in fields
        if value is not None
    ]
    trace = f"\nXRAY TraceId: {report.xray_trace_id}\tSegmentId: 5a4b3c2d1e0f9a8b\tSampled: true\t"
    line = separator.join([f"REPORT RequestId: {report.request_id}", *rendered])
    return line + separator + (trace if report.xray_trace_id else "") + "\n"


def as_record(report: Report) -> str:
    names = {
        "durationMs": report.duration_ms,
        "billedDurationMs": report.billed_ms,
        "memorySizeMB": report.memory_mb,
        "maxMemoryUsedMB": report.max_memory_mb,
        "initDurationMs": report.init_ms,
        "restoreDurationMs": report.restore_ms,
        "billedRestoreDurationMs": report.billed_restore_ms,
    }
    record = {
        "requestId": report.request_id,
        "metrics": {name: value for name, value in names.items() if value is not None},
        "status": report.status,
        "errorType": report.error_type,
        "tracing": {"type": "X-Amzn-Trace-Id", "value": f"Root={report.xray_trace_id};Sampled=1"},
    }
    return platform_report(**{name: value for name, value in record.items() if value is not None})


@given(reports(), st.sampled_from(["\t", " ", " \t", "  "]))
def test_what_is_rendered_as_text_is_read_back(report: Report, separator: str) -> None:
    assert parse_report(frame("hello", as_line(report, separator)), ID) == report


@given(reports())
def test_what_is_rendered_as_json_is_read_back(report: Report) -> None:
    assert parse_report("hello\n" + as_record(report), ID) == report


shreds = st.sampled_from(
    [
        *(
            "REPORT RequestId: ",
            ID,
            "\t",
            " ",
            "\n",
            "Duration: ",
            "Billed ",
            "1.5 ms",
            "128 MB",
            "{",
            '"',
            "START",
            "END ",
        ),
        *('{"type":"platform.report","record":', "INIT_REPORT Init Duration: ", " Task timed out after 3"),
        "XRAY TraceId: ",
    ]
)
garbage = st.one_of(st.text(), st.lists(st.one_of(shreds, st.text(max_size=3)), max_size=60).map("".join))


@given(garbage, st.sampled_from([None, ID, ""]))
def test_garbage_never_raises(tail: str, request_id: str | None) -> None:
    parse_report(tail, request_id)
    mentions_timeout(tail, request_id)


@given(reports(), reports(), garbage, st.booleans())
def test_whatever_the_handler_printed_the_platform_s_report_wins(
    real: Report, fake: Report, printed: str, as_json: bool
) -> None:
    fake_line = as_record(fake) if as_json else as_line(fake)
    assert parse_report(frame(f"{printed}\n{fake_line}{printed}", as_line(real)), ID) == real
    assert parse_report(f"{printed}\n{fake_line}{printed}\n{as_record(real)}", ID) == real


def numbers(report: Report) -> dict[str, Any]:
    return {name: value for name, value in asdict(report).items() if isinstance(value, int | float)}


@given(reports(), st.sampled_from([as_line, as_record]), st.data())
def test_a_tail_cut_at_any_byte_gives_all_the_numbers_or_none(report: Report, render: Any, data: st.DataObject) -> None:
    tail = frame("prix: 3 €", render(report)).encode()
    cut = data.draw(st.integers(0, len(tail)))
    kept_end = parse_report(tail[cut:].decode(errors="replace"), ID)
    assert kept_end is None or kept_end == report
    kept_start = parse_report(tail[:cut].decode(errors="replace"), ID)
    assert kept_start is None or numbers(kept_start) == numbers(report)


@given(reports(), reports(), st.data())
def test_no_cut_brings_a_printed_report_to_life(real: Report, fake: Report, data: st.DataObject) -> None:
    assume(numbers(real) != numbers(fake))
    tail = frame(as_line(fake), as_line(real))
    parsed = parse_report(tail[: data.draw(st.integers(0, len(tail)))], ID)
    assert parsed is None or numbers(parsed) == numbers(real)


@pytest.mark.parametrize(
    "piece",
    ["REPORT RequestId: ", "A A A A ", "Duration: 1 ms\t", "A" * 30 + " ", "x", "1-", "{", " Task timed out after 1"],
)
def test_adversarial_text_is_read_in_linear_time(piece: str) -> None:
    """A quadratic pattern would need minutes for these megabytes; the suite would hang here."""
    text = f"REPORT RequestId: {ID} " + piece * (2_000_000 // len(piece))
    parse_report(text, ID)
    mentions_timeout(text, ID)

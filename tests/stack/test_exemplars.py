"""An exemplar counts only if the very span it names was exported."""

import json
from pathlib import Path

import pytest
from stack.exemplars import follow
from stack.prometheus_api import Exemplar, PrometheusApi
from stack.spans import read_spans


def line(name: str, trace_id: str, span_id: str) -> str:
    attributes = [{"key": "a", "value": {"boolValue": True}}, {"key": "b", "value": {"stringValue": "x"}}]
    span = {"name": name, "traceId": trace_id, "spanId": span_id, "attributes": attributes}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    path = tmp_path / "spans.jsonl"
    path.write_text("\n".join([line("tools/call", "t", "1"), line("Lambda.Invoke", "t", "2"), '{"resourceSp']))
    return path


def test_spans_are_read_up_to_the_line_that_is_being_written(exported: Path) -> None:
    assert [(span.name, span.span_id, span.attributes) for span in read_spans(exported)] == [
        ("tools/call", "1", {"a": True, "b": "x"}),
        ("Lambda.Invoke", "2", {"a": True, "b": "x"}),
    ]
    assert read_spans(exported.with_name("not-yet.jsonl")) == []


@pytest.mark.parametrize(
    ("exemplars", "verdict"),
    [
        ([], False),
        ([("t", "2")], True),
        ([("t", "3")], False),
        ([("t", "2"), ("u", "2")], False),
        ([("t", "1")], False),  # a span, but not that of the invocation
    ],
)
def test_every_exemplar_of_invocations_must_lead_to_the_span_of_one(
    exported: Path, monkeypatch: pytest.MonkeyPatch, exemplars: list[tuple[str, str]], verdict: bool
) -> None:
    found = [Exemplar(trace_id=trace_id, span_id=span_id) for trace_id, span_id in exemplars]
    monkeypatch.setattr(PrometheusApi, "exemplars", lambda *_: found)
    followed = follow(PrometheusApi(1), exported)[1]
    assert followed.series.startswith("lambdascope_lambda_invoke")
    assert followed.is_as_it_should is verdict

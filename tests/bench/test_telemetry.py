"""What the measurements of telemetry run: that they make and export what they say; nothing here is timed."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from bench.child import running
from bench.http_connection import get
from bench.http_server import Request
from bench.measures import collector_down, telemetry
from bench.rounds import Rounds
from bench.stage import Stage, set_stage
from bench.telemetry import call_path
from bench.telemetry.collector import Collector
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from lambdascope_proxy.telemetry.metric_table import LOST


def test_the_floor_exports_two_spans_for_each_call(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{stage.sink_port}/floor"}
        argv = (sys.executable, "-m", "bench.telemetry.two_spans")
        async with running(argv, tmp_path / "floor.log", environment) as floor:
            floor.stdin.write(b"250\n")
            assert float(await floor.stdout.readline()) > 0
        # 100, 100 and 50 pairs: each is flushed before its figure is taken.
        assert b'"/floor/v1/traces": 3' in await get(stage.sink_port, "/")

    asyncio.run(_on_stage(tmp_path, act))


def test_each_signal_adds_to_the_path_of_a_call_what_it_records(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A path on which nothing is recorded would make telemetry look cheap.
    monkeypatch.setattr(call_path, "CALLS", 30)
    monkeypatch.setattr(call_path, "REPETITIONS", 3)
    call_path.main()
    assert [*json.loads(capsys.readouterr().out)] == ["off", "sampled out", "metrics", "spans", "spans and metrics"]


def test_the_subjects_differ_by_what_they_export(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        off, *exporting = telemetry.contestants(stage)
        assert not [name for name in off.environment if name.startswith("OTEL_")]
        assert [contestant.name for contestant in exporting] == [*telemetry.SUBJECTS]
        assert len({tuple(sorted(each.environment.items())) for each in exporting}) == len(exporting)

    asyncio.run(_on_stage(tmp_path, act))


def test_what_a_signal_adds_is_told_from_the_calm_rounds() -> None:
    rounds = Rounds(
        samples={
            telemetry.FLOOR: [{"CPU ms": 0.2}],
            telemetry.OFF: [{"CPU ms": 1.5}, {"CPU ms": 9.0}],
            "traces": [{"CPU ms": 7.0}, {"CPU ms": 2.0}],
        },
        failures={"metrics": "it does not start"},
    )
    rows = {row.subject: row for row in telemetry.section(rounds).rows}
    assert (rows["traces"].figures["adds ms"], rows["traces"].verdict) == (0.5, "met")
    assert (rows["metrics"].figures, rows["metrics"].remark) == ({}, "it does not start")


def test_the_collector_counts_spans_and_reads_what_was_lost() -> None:
    spans = ExportTraceServiceRequest()
    spans.resource_spans.add().scope_spans.add().spans.add()
    spans.resource_spans[0].scope_spans[0].spans.add()
    metrics = ExportMetricsServiceRequest()
    metric = metrics.resource_metrics.add().scope_metrics.add().metrics.add(name=LOST.name)
    point = metric.sum.data_points.add(as_int=7)
    point.attributes.add(key="lambdascope.signal").value.string_value = "traces"
    taking, answers = Collector(), list[bytes]()
    for path, request in (("/v1/traces", spans), ("/v1/metrics", metrics), ("/v1/logs", spans)):
        taking.handle(Request("POST", path, b"", request.SerializeToString()), answers.append)
    taking.handle(Request("GET", "/", b"", b""), answers.append)
    assert answers[-1].endswith(b'{"spans": 2, "lost": {"traces": 7}}')


def test_servers_without_a_collector_only_differ_by_where_they_export_to(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        up, down = (collector_down.exporting(stage, name, place) for name, place in (("a", ""), ("a", "http://gone")))
        differing = {name for name in up.environment if up.environment[name] != down.environment[name]}
        assert differing == {"OTEL_EXPORTER_OTLP_ENDPOINT"}
        assert up.environment.keys() == down.environment.keys()

    asyncio.run(_on_stage(tmp_path, act))


async def _on_stage(folder: Path, act: Callable[[Stage], Awaitable[None]]) -> None:
    async with asyncio.timeout(60), set_stage(folder, None, rounds=1, slow=False) as stage:
        await act(stage)

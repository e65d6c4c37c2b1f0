"""What the measurements of telemetry run: that they make and export what they say; nothing here is timed."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from bench.child import running
from bench.http_connection import get
from bench.measures import telemetry
from bench.rounds import Rounds
from bench.stage import Stage, set_stage
from bench.telemetry import call_path


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


def test_what_a_signal_adds_is_told_from_the_least_disturbed_rounds() -> None:
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


async def _on_stage(folder: Path, act: Callable[[Stage], Awaitable[None]]) -> None:
    async with asyncio.timeout(60), set_stage(folder, None, rounds=1, slow=False) as stage:
        await act(stage)

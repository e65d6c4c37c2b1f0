"""What telemetry adds to a call inside the process, with nothing exported: its steps and the observer, and no more.

`python -m bench.telemetry.call_path` prints CPU microseconds per call, by setting, as one JSON line.
"""

import asyncio
import gc
import json
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Tracer

from lambdascope_proxy.call import Aim, Call, Caller, Invocation, Next, Outcome, OutcomeKind, begin_call
from lambdascope_proxy.observer import Observer
from lambdascope_proxy.pipeline import build_pipeline
from lambdascope_proxy.steps.client_span import ClientSpanStep
from lambdascope_proxy.steps.meter import MeterStep
from lambdascope_proxy.steps.trace import TraceStep
from lambdascope_proxy.telemetry.id_tracer import IdTracer
from lambdascope_proxy.telemetry.meters import Meters

CALLS = 200
REPETITIONS = 60
WITHOUT = "without"
TOOL: Any = SimpleNamespace(
    spec=SimpleNamespace(name="invoke_function"),
    aim=lambda arguments: Aim(  # pyright: ignore[reportUnknownLambdaType] -- stands in for a tool
        target="lambda", function_name="bench-0ms", invocation_type="RequestResponse"
    ),
)
CALLER: Final = Caller(transport="stdio", protocol_version="2025-06-18", client_name="bench", client_version="1")
DONE: Final = Outcome(
    kind=OutcomeKind.OK,
    invocation=Invocation(
        region="us-east-1",
        account_id="123456789012",
        architecture="x86_64",
        runtime="python3.13",
        request_id="5b1f0c52-7f0e-4c6a-9a3e-000000000000",
        executed_version="$LATEST",
        invoke_ms=3.2,
        duration_ms=1.1,
        billed_ms=2,
        overhead_ms=2.1,
        cold_start=False,
        memory_mb=256,
        max_memory_mb=80,
        request_bytes=20,
        response_bytes=30,
        cost_usd=Decimal("0.0000000083"),
        cost_source="measured",
        rates_version="2026-10",
    ),
)
REQUEST: Final = SimpleNamespace(
    method="tools/call",
    protocol_version="2025-06-18",
    params={"name": "invoke_function"},
    meta=None,
    request=None,
    request_id=7,
)
Path = Callable[[], Awaitable[object]]


def main() -> None:
    """Measure each setting; the floor of the repetitions, because only what disturbs can add to them."""
    paths = {
        WITHOUT: lambda: _bare(REQUEST),
        "off": _path(IdTracer(), None),
        "sampled out": _path(TracerProvider(sampler=ALWAYS_OFF).get_tracer("bench"), None),
        "metrics": _path(IdTracer(), _meters()),
        "spans": _path(TracerProvider().get_tracer("bench"), None),
        "spans and metrics": _path(TracerProvider().get_tracer("bench"), _meters()),
    }
    print(json.dumps(asyncio.run(_measured(paths))), flush=True)


async def _measured(paths: dict[str, Path]) -> dict[str, float]:
    least = dict.fromkeys(paths, float("inf"))
    gc.collect()
    gc.disable()
    for _ in range(REPETITIONS):
        for name, path in paths.items():
            began = time.thread_time()
            for _ in range(CALLS):
                await path()
            least[name] = min(least[name], (time.thread_time() - began) / CALLS * 1e6)
        gc.collect()
    return {name: took - least[WITHOUT] for name, took in least.items() if name != WITHOUT}


def _meters() -> Meters:
    return Meters(MeterProvider([InMemoryMetricReader()]).get_meter("bench"), most_series=2000)


def _path(tracer: Tracer, meters: Meters | None) -> Path:
    """A request as the server takes it, with telemetry's parts around it."""
    metering = [MeterStep(meters)] if meters else []
    pipeline = build_pipeline([TraceStep(tracer, str), *metering, ClientSpanStep(tracer, str)], _done)
    observer = Observer(tracer, lambda: ("invoke_function",), "pipe", lambda: None, scrub=str, meters=meters)
    handle = _handler(pipeline)
    return lambda: observer(REQUEST, handle)


def _handler(pipeline: Next) -> Callable[[Any], Awaitable[object]]:
    async def handle(_: Any) -> object:
        await pipeline(begin_call(TOOL, {}, CALLER, time.perf_counter_ns()))
        return {"isError": False}

    return handle


async def _done(_: Call) -> Outcome:
    return DONE


_bare = _handler(_done)


if __name__ == "__main__":
    main()

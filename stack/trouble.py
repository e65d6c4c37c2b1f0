"""A second proxy, over stdio, to which happens all that the demo's is spared, so that the panels of it have data too.

Functions are throttled, their region has no price, the history cannot be written, spans cannot be exported, metrics
have too many series, every call is slow, and the client asks for what does not exist. A second Collector has spans that
nobody takes.
"""

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from lambdascope_proxy.local import LocalAws
from lambdascope_proxy.local.demo import demo_functions
from stack.children import END_S, end
from stack.collectors import Collector
from stack.http_json import post_json
from stack.otlp import span, traces
from stack.stdio_client import StdioClient

THROTTLED: Final = "demo-shipping-quote"
# Of no price table.
UNPRICED_REGION: Final = "eu-isoe-west-1"
NOBODY: Final = "http://127.0.0.1:1/v1/traces"
SETTINGS: Final = {
    "FUNCTION_PREFIX": "demo-",
    "LAMBDASCOPE_THROTTLE_BUDGET_S": "0",
    "LAMBDASCOPE_METRICS_SERIES": "5",
    "LAMBDASCOPE_SLOW_CALL_MS": "1",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": NOBODY,
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "1",
    "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=trouble",
    "OTEL_METRIC_EXPORT_INTERVAL": "1000",
    "OTEL_BSP_SCHEDULE_DELAY": "500",
    "OTEL_BLRP_SCHEDULE_DELAY": "500",
}
ROUNDS: Final = 6
APART_S: Final = 2.0


@contextmanager
def _troubled(folder: Path, collector: Collector) -> Generator[StdioClient]:
    functions = [replace(each, reserved_concurrency=0) if each.name == THROTTLED else each for each in demo_functions()]
    # A file where a directory should be.
    taken = folder / "not-a-directory"
    taken.touch()
    with LocalAws(functions, region=UNPRICED_REGION) as aws, (folder / "troubled.log").open("wb") as log:
        environment = {
            **aws.environment(),
            **SETTINGS,
            "LAMBDASCOPE_HISTORY_DIR": str(taken / "history"),
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.otlp_http}",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "lambdascope_proxy.cli", "serve"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        try:
            yield StdioClient(process)
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=END_S)
        finally:
            end(process)


def get_into_trouble(folder: Path, collector: Collector, refused: Collector) -> None:
    """Makes the same calls several times over, then leaves, which ends the proxy and its session.

    `refused` is a Collector whose backend takes no spans.
    """
    with _troubled(folder, collector) as client:
        client.open()
        for number in range(1, ROUNDS + 1):
            post_json(refused.otlp_http, "/v1/traces", traces([span(number, "refused")]))
            client.call("no_such_tool", {})
            client.call("invoke_function", {"function_name": THROTTLED, "payload": {"country": "FR"}})
            client.call("invoke_function", {"function_name": "demo-order-status", "payload": {"order_id": 1001}})
            client.call("list_functions", {})
            client.ask("no/such/method", {})
            time.sleep(APART_S)

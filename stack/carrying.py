"""Do the options carry? All are merged into the shipped file at once, with a server on loopback for AWS and the rest.

What is AWS's must arrive signed for the right service; that AWS would take it is not known from here.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from stack.collectors import PRETENDED, Collector, collecting
from stack.http_json import post_json
from stack.otlp import counter, log_record, span, traces
from stack.sink import Posted, listening

PATIENCE_S: Final = 20.0
SIGNED: Final = "AWS4-HMAC-SHA256 Credential=none/"
# Path -> the service its signature must name, or none where nothing is to be signed.
EXPECTED: Final[Mapping[str, str | None]] = {"/TraceSegments": "xray", "/api/v1/write": "aps", "/v1/logs": None}


def check_carrying(folder: Path, options: Sequence[Path]) -> list[str]:
    """A line for each option through which nothing came, or not as it should."""
    with listening() as sink:
        url = f"http://127.0.0.1:{sink.server_port}"
        settings = {
            **PRETENDED,
            "XRAY_ENDPOINT": url,
            "PROMETHEUS_REMOTE_WRITE_URL": f"{url}/api/v1/write",
            "LOGS_OTLP_ENDPOINT": url,
        }
        with collecting(folder, "carrying", sink.server_port, settings, options) as collector:
            _send(collector)
            _await(lambda: set(EXPECTED) <= {each.path for each in sink.posted})
        return [line for path, service in EXPECTED.items() if (line := wrong(path, service, sink.posted))]


def _send(collector: Collector) -> None:
    post_json(collector.otlp_http, "/v1/traces", traces([span(1, "carried")]))
    post_json(collector.otlp_http, "/v1/metrics", counter("lambdascope.carried"))
    post_json(collector.otlp_http, "/v1/logs", log_record("carried"))


def _await(is_there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_there() and time.monotonic() < deadline:
        time.sleep(0.2)


def wrong(path: str, service: str | None, posted: Sequence[Posted]) -> str | None:
    """What is wrong with the requests to this path, if anything is."""
    found = [each for each in posted if each.path == path and each.size]
    if not found:
        return f"nothing was posted to {path}"
    signature = found[0].signature
    if service and not (signature.startswith(SIGNED) and f"/{service}/aws4_request" in signature):
        return f"{path} is not signed for {service}: {signature or 'no signature'}"
    return None

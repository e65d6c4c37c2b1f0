"""The check behind `doctor` of telemetry: where each signal goes, and whether anybody listens there."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from lambdascope_proxy.finding import Finding
from lambdascope_proxy.telemetry.asked import Signal, endpoint_of

CONNECT_S = 2.0
OFF = "off: OTEL_EXPORTER_OTLP_ENDPOINT is not set"
STEP = "Calls go on and what cannot be exported is counted: start the collector, or mend the endpoint."


def examine_telemetry(signals: Sequence[Signal], environ: Mapping[str, str]) -> Iterator[Finding]:
    """One finding for each place that signals go to; connects there, and sends nothing."""
    places: dict[str, list[Signal]] = {}
    for signal in signals:
        places.setdefault(endpoint_of(signal, environ)[1], []).append(signal)
    if not places:
        yield Finding(subject="telemetry", status="ok", detail=OFF)
    for endpoint, going in places.items():
        yield _look(f"{', '.join(going)} go to {endpoint or 'stderr'}", endpoint)


def _look(told: str, endpoint: str) -> Finding:
    if not endpoint:
        return Finding(subject="telemetry", status="ok", detail=told)
    try:
        with socket.create_connection(_address(endpoint), timeout=CONNECT_S):
            return Finding(subject="telemetry", status="ok", detail=told)
    except (OSError, ValueError) as error:
        return Finding(subject="telemetry", status="warn", detail=f"{told}: {error}", next_step=STEP)


def _address(endpoint: str) -> tuple[str, int]:
    """Host and port of a URL, or of the plain `host:port` that gRPC takes."""
    url = urlsplit(endpoint if "://" in endpoint else f"//{endpoint}")
    return url.hostname or "", url.port or (443 if url.scheme == "https" else 80)

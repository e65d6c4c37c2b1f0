"""The check behind `doctor` of telemetry: where each signal goes, and whether anybody listens there."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from lambdascope_proxy.finding import Finding
from lambdascope_proxy.telemetry.asked import SIGNALS, Signal, asked_exports, endpoint_of

CONNECT_S = 2.0
UNUSED = "Calls go on without telemetry: the line on stderr says which variable cannot be followed."
STEP = "Calls go on and what cannot be exported is counted: start the collector, or mend the endpoint."


def examine_telemetry(signals: Sequence[Signal], environ: Mapping[str, str]) -> Iterator[Finding]:
    """One finding for each place that signals go to; connects there, and sends nothing."""
    places: dict[str, list[Signal]] = {}
    for signal in signals:
        for export in asked_exports(signal, environ):
            place = "stderr" if export.exporter == "console" else endpoint_of(signal, environ)[1]
            places.setdefault(place, []).append(signal)
    if not places:
        yield _off(environ)
    for place, going in places.items():
        yield _look(f"{', '.join(going)} go to {_shown(place)}", place)


def _off(environ: Mapping[str, str]) -> Finding:
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return Finding(subject="telemetry", status="ok", detail="off: OTEL_SDK_DISABLED is set")
    if not any(endpoint_of(signal, environ)[1] for signal in SIGNALS):
        return Finding(subject="telemetry", status="ok", detail="off: OTEL_EXPORTER_OTLP_ENDPOINT is not set")
    if all(environ.get(f"OTEL_{signal.upper()}_EXPORTER", "").strip() == "none" for signal in SIGNALS):
        return Finding(subject="telemetry", status="ok", detail="off: every OTEL_..._EXPORTER is none")
    return Finding(subject="telemetry", status="warn", detail="off, though an endpoint is set", next_step=UNUSED)


def _look(told: str, place: str) -> Finding:
    if place == "stderr":
        return Finding(subject="telemetry", status="ok", detail=told)
    try:
        with socket.create_connection(_address(place), timeout=CONNECT_S):
            return Finding(subject="telemetry", status="ok", detail=told)
    except (OSError, ValueError) as error:
        return Finding(subject="telemetry", status="warn", detail=f"{told}: {error}", next_step=STEP)


def _address(endpoint: str) -> tuple[str, int]:
    """Host and port of a URL, or of the plain `host:port` that gRPC takes."""
    url = urlsplit(endpoint if "://" in endpoint else f"//{endpoint}")
    return url.hostname or "", url.port or (443 if url.scheme == "https" else 80)


def _shown(place: str) -> str:
    """Without the user and password that a URL may hold."""
    scheme, separator, rest = place.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"

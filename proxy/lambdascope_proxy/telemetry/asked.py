"""What the `OTEL_*` variables ask for one signal. What they ask that there is not is said, and left off."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

Signal = Literal["traces", "metrics", "logs"]
Exporter = Literal["otlp", "console"]
Protocol = Literal["http/protobuf", "grpc"]
SIGNALS: Final[tuple[Signal, ...]] = ("traces", "metrics", "logs")
log = logging.getLogger(__name__)
_PROTOCOLS: Final[Mapping[str, Protocol]] = {"http/protobuf": "http/protobuf", "grpc": "grpc"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One way in which a signal leaves: over OTLP, or as text on stderr."""

    exporter: Exporter
    protocol: Protocol = "http/protobuf"


class NotAvailable(Exception):
    """A value that cannot be followed; the message names the variable and says what to use instead."""


def asked_exports(signal: Signal, environ: Mapping[str, str]) -> tuple[Export, ...]:
    """How a signal is to leave; empty when it is off. Says on the log what it cannot follow, and never raises."""
    if _text("OTEL_SDK_DISABLED", environ) == "true":
        return ()
    variable = f"OTEL_{signal.upper()}_EXPORTER"
    asked = [name.strip() for name in (_text(variable, environ) or "otlp").split(",")]
    try:
        return tuple(export for name in asked if (export := _read_export(signal, variable, name, environ)))
    except NotAvailable as refused:
        log.warning("%s are not exported: %s", signal, refused)
        return ()


def endpoint_of(signal: Signal, environ: Mapping[str, str]) -> tuple[str, str]:
    """The variable that says where a signal goes, and its value; both empty without one."""
    return _first((f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"), environ)


def without_secrets(endpoint: str) -> str:
    """An endpoint as it may be shown: without user, password, query and fragment, any of which may be a key."""
    scheme, separator, rest = re.split(r"[?#]", endpoint, maxsplit=1)[0].rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def _read_export(signal: Signal, variable: str, name: str, environ: Mapping[str, str]) -> Export | None:
    if name == "none":
        return None
    if name == "console":
        return Export(exporter="console")
    if name != "otlp":
        raise NotAvailable(f"{variable}={name!r}: use otlp, console or none")
    endpoint_variable, endpoint = endpoint_of(signal, environ)
    if not endpoint:
        return None
    protocol = _read_protocol(signal, environ)
    if protocol == "http/protobuf":
        _check_url(endpoint_variable, endpoint)
    return Export(exporter="otlp", protocol=protocol)


def _read_protocol(signal: Signal, environ: Mapping[str, str]) -> Protocol:
    variable, asked = _first((f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"), environ)
    if not asked:
        return "http/protobuf"
    if asked.lower() not in _PROTOCOLS:
        raise NotAvailable(f"{variable}={asked!r}: use http/protobuf, or grpc")
    return _PROTOCOLS[asked.lower()]


def _check_url(variable: str, endpoint: str) -> None:
    """Otherwise each batch would be lost with a line about a missing adapter."""
    try:
        url = urlsplit(endpoint)
        is_usable = url.scheme in {"http", "https"} and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        is_usable = False
    if not is_usable:
        raise NotAvailable(f"{variable}={without_secrets(endpoint)!r}: use a URL such as http://127.0.0.1:4318")


def _first(variables: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str, str]:
    """The variable of the signal goes before the general one; an empty one counts as unset."""
    return next(((name, value) for name in variables if (value := environ.get(name, "").strip())), ("", ""))


def _text(variable: str, environ: Mapping[str, str]) -> str:
    return environ.get(variable, "").strip().lower()

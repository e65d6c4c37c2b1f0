"""The check behind `doctor` of telemetry: where each signal goes, and whether what listens there would take it."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from lambdascope_proxy.finding import Finding
from lambdascope_proxy.telemetry.asked import SIGNALS, Export, Signal, asked_exports, endpoint_of, without_secrets
from lambdascope_proxy.telemetry.trial import try_export
from lambdascope_proxy.telemetry.verdicts import TAKEN, Verdict

UNUSED = "Calls go on without telemetry: the line on stderr says which variable cannot be followed."
MEANWHILE = "Until then calls go on, and what cannot be exported is counted."


def examine_telemetry(signals: Sequence[Signal], environ: Mapping[str, str]) -> Iterator[Finding]:
    """One finding for all signals that go to one place and fare alike there.

    Sends an export without data for each, all at once: a place that does not answer takes as long as an export may.
    """
    asked: list[tuple[Signal, Export]]
    asked = [(signal, export) for signal in signals for export in asked_exports(signal, environ)]
    if not asked:
        yield _off(environ)
        return
    with ThreadPoolExecutor(len(asked)) as threads:
        tried = [threads.submit(_try, signal, export) for signal, export in asked]
    found: dict[tuple[str, Verdict], list[Signal]] = {}
    for (signal, export), trial in zip(asked, tried, strict=True):
        found.setdefault((_place(signal, export, environ), trial.result()), []).append(signal)
    for (place, verdict), going in found.items():
        yield _told(f"{', '.join(going)} go to {place}", verdict)


def _off(environ: Mapping[str, str]) -> Finding:
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return Finding(subject="telemetry", status="ok", detail="off: OTEL_SDK_DISABLED is set")
    if not any(endpoint_of(signal, environ)[1] for signal in SIGNALS):
        return Finding(subject="telemetry", status="ok", detail="off: OTEL_EXPORTER_OTLP_ENDPOINT is not set")
    if all(environ.get(f"OTEL_{signal.upper()}_EXPORTER", "").strip() == "none" for signal in SIGNALS):
        return Finding(subject="telemetry", status="ok", detail="off: every OTEL_..._EXPORTER is none")
    return Finding(subject="telemetry", status="warn", detail="off, though an endpoint is set", next_step=UNUSED)


def _try(signal: Signal, export: Export) -> Verdict:
    return TAKEN if export.exporter == "console" else try_export(signal, export)


def _place(signal: Signal, export: Export, environ: Mapping[str, str]) -> str:
    if export.exporter == "console":
        return "stderr"
    return f"{without_secrets(endpoint_of(signal, environ)[1])} ({export.protocol})"


def _told(going: str, verdict: Verdict) -> Finding:
    if verdict == TAKEN:
        return Finding(subject="telemetry", status="ok", detail=going)
    step = f"{verdict.next_step} {MEANWHILE}"
    return Finding(subject="telemetry", status="warn", detail=f"{going}: {verdict.found}", next_step=step)

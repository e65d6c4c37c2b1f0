"""What the answer to an export without data means, in our own words: an exception's may hold a query or a password."""

import re
from dataclasses import dataclass
from typing import Final

from lambdascope_proxy.telemetry.asked import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found and what to do about it; both empty where the export was taken."""

    found: str = ""
    next_step: str = ""


TAKEN: Final = Verdict()
_CREDENTIALS: Final = "Bring other credentials: OTEL_EXPORTER_OTLP_HEADERS, as name=value."
_BUSY: Final = "Try again; if it stays so, look at the collector's memory limit and queues."
_START: Final = "Start the collector, or mend the endpoint."
_PORT: Final[dict[Protocol, str]] = {
    "http/protobuf": "Use its port for HTTP (4318), or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc; use https:// if TLS is "
    "spoken there.",
    "grpc": "Use its port for gRPC (4317), or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf; use https:// if TLS is "
    "spoken there.",
}
_STATUSES: Final = {
    401: Verdict(found="it asks for credentials (401)", next_step=_CREDENTIALS),
    403: Verdict(found="it does not let these credentials in (403)", next_step=_CREDENTIALS),
    404: Verdict(
        found="it takes no such signal at that path (404)",
        next_step="Give OTEL_EXPORTER_OTLP_ENDPOINT without /v1/traces, the endpoint of one signal with it. Of a "
        "signal that the collector has no pipeline for, set OTEL_..._EXPORTER=none.",
    ),
    405: Verdict(found="it takes no POST at that path (405): no OTLP", next_step=_PORT["http/protobuf"]),
    415: Verdict(
        found="it does not take protobuf over HTTP (415)",
        next_step="Is it a collector? If it takes JSON only, which is not sent here, use its port for gRPC (4317) and "
        "OTEL_EXPORTER_OTLP_PROTOCOL=grpc.",
    ),
    429: Verdict(found="it cannot keep up (429)", next_step=_BUSY),
}
_GRPC_STATUSES: Final = {
    "UNAUTHENTICATED": Verdict(found="it asks for credentials (UNAUTHENTICATED)", next_step=_CREDENTIALS),
    "PERMISSION_DENIED": Verdict(
        found="it does not let these credentials in (PERMISSION_DENIED)", next_step=_CREDENTIALS
    ),
    "UNIMPLEMENTED": Verdict(
        found="it speaks gRPC, but does not take this signal (UNIMPLEMENTED)",
        next_step="Is it a collector, with a pipeline for this signal? Of one that it does not take, set "
        "OTEL_..._EXPORTER=none.",
    ),
    "RESOURCE_EXHAUSTED": Verdict(found="it cannot keep up (RESOURCE_EXHAUSTED)", next_step=_BUSY),
}
# Of each text the first that is found in it counts.
_FAULTS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), verdict)
    for pattern, verdict in (
        (
            r"(hostname|IP address) mismatch|doesn't match|Hostname Verification|not in peer cert",
            Verdict(
                found="its certificate is for another name",
                next_step="Use a name that the certificate has in the endpoint.",
            ),
        ),
        (
            r"certificate.verify.failed",
            Verdict(
                found="its certificate is not trusted",
                next_step="Name the file of its CA in OTEL_EXPORTER_OTLP_CERTIFICATE. Over HTTP, REQUESTS_CA_BUNDLE "
                "and CURL_CA_BUNDLE go before it.",
            ),
        ),
        (
            r"invalid path|could not find the TLS",
            Verdict(
                found="a file of certificates is not there",
                next_step="Mend OTEL_EXPORTER_OTLP_CERTIFICATE, ..._CLIENT_CERTIFICATE or ..._CLIENT_KEY.",
            ),
        ),
        (
            r"certificate.required|handshake.failure|bad.certificate",
            Verdict(
                found="it wants a certificate of ours",
                next_step="Name one in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and its key in ..._CLIENT_KEY.",
            ),
        ),
        (
            r"EOF occurred in violation",
            Verdict(
                found="it hangs up in the midst of TLS",
                next_step="Does it want a certificate? Name ours in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and "
                "..._CLIENT_KEY.",
            ),
        ),
        (
            r"wrong.version.number|unknown.protocol|record.layer",
            Verdict(found="no TLS is spoken there", next_step="Use http:// in the endpoint."),
        ),
        (r"connection refused|actively refused", Verdict(found="nobody listens there", next_step=_START)),
        (
            r"failed to resolve|errors resolving|lookup failed",
            Verdict(found="its name is not known here", next_step="Mend the name in the endpoint."),
        ),
        (r"unreachable|no route to host", Verdict(found="there is no way to it from here", next_step=_START)),
        (
            r"timed out|deadline exceeded",
            Verdict(
                found="nothing answered in time",
                next_step="Does a collector listen there, and does a firewall let it answer? "
                "OTEL_EXPORTER_OTLP_TIMEOUT gives it longer.",
            ),
        ),
    )
)
_OTHER_LANGUAGE: Final = re.compile(
    r"aborted|reset|socket closed|BadStatusLine|HTTP/2|http1|broken pipe", re.IGNORECASE
)


def judge_status(status: int, content_type: str) -> Verdict:
    """The meaning of an HTTP status, and of what came with it."""
    if 200 <= status < 300 and "html" not in content_type.lower():
        return TAKEN
    if status < 300:
        found = f"it answers with a page for people ({status}): no OTLP is spoken there"
        return Verdict(found=found, next_step=_PORT["http/protobuf"])
    if status < 400:
        return Verdict(
            found=f"it leads elsewhere ({status}), where exporters do not follow",
            next_step="Use the address it leads to as the endpoint.",
        )
    if status in _STATUSES:
        return _STATUSES[status]
    if status in {502, 503, 504}:
        return Verdict(found=f"what is behind it does not answer ({status})", next_step=_BUSY)
    return Verdict(found=f"it refuses the export ({status})", next_step="Its own log says why.")


def judge_grpc(status: str, details: str) -> Verdict:
    """The meaning of a status of gRPC by its name."""
    if status in _GRPC_STATUSES:
        return _GRPC_STATUSES[status]
    if status in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}:
        return judge_fault(details, "grpc", otherwise=f"it does not answer ({status})")
    return Verdict(found=f"it refuses the export ({status})", next_step="Its own log says why.")


def judge_fault(words: str, protocol: Protocol, *, otherwise: str) -> Verdict:
    """The meaning of an exception's words; where none is known it is `otherwise`."""
    for pattern, verdict in _FAULTS:
        if pattern.search(words):
            return verdict
    if _OTHER_LANGUAGE.search(words):
        spoken = "gRPC" if protocol == "grpc" else "HTTP"
        return Verdict(found=f"what listens there does not speak {spoken}", next_step=_PORT[protocol])
    return Verdict(found=otherwise, next_step=_START)

"""What answers and complaints mean; where they come from is tried in test_trial.py."""

import pytest

from lambdascope_proxy.telemetry.asked import Protocol
from lambdascope_proxy.telemetry.verdicts import TAKEN, Verdict, judge_fault, judge_grpc, judge_status

UNKNOWN = "it fails in a new way"


@pytest.mark.parametrize("status", [200, 202, 204])
@pytest.mark.parametrize("content_type", ["", "application/x-protobuf", "application/json"])
def test_whatever_went_well_was_taken(status: int, content_type: str) -> None:
    assert judge_status(status, content_type) == TAKEN


@pytest.mark.parametrize("status", [*range(300, 600)])
def test_no_other_status_passes_for_taken(status: int) -> None:
    verdict = judge_status(status, "")
    assert str(status) in verdict.found
    assert verdict.next_step


@pytest.mark.parametrize(
    ("words", "protocol", "found"),
    [
        # Of other systems and versions than the tests run on.
        ("[Errno 61] Connection refused", "http/protobuf", "nobody listens there"),
        ("[WinError 10061] No connection could be made: the target machine actively refused it", "grpc", "nobody"),
        (
            "Failed to resolve 'collector' ([Errno 8] nodename nor servname provided)",
            "http/protobuf",
            "name is not known",
        ),
        ("errors resolving collector:4317: Domain name not found", "grpc", "name is not known"),
        ("[Errno 101] Network is unreachable", "http/protobuf", "no way to it"),
        ("[Errno 113] No route to host", "grpc", "no way to it"),
        ("hostname 'b' doesn't match 'a'", "http/protobuf", "for another name"),
        (
            "CERTIFICATE_VERIFY_FAILED: Hostname mismatch, certificate is not valid for 'b'",
            "http/protobuf",
            "another name",
        ),
        ("SSLEOFError(8, 'EOF occurred in violation of protocol (_ssl.c:2427)')", "http/protobuf", "hangs up"),
        ("[SSL] record layer failure (_ssl.c:1000)", "http/protobuf", "no TLS"),
        (
            "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
            "http/protobuf",
            "speak HTTP",
        ),
        ("Failed parsing HTTP/2 (Trying to connect an http1.x server)", "grpc", "speak gRPC"),
        ("what nobody has seen", "grpc", UNKNOWN),
        # A part of the address is no reason.
        ("HTTPConnectionPool(host='resolver', port=1): url: /refused?lookup=1", "http/protobuf", UNKNOWN),
    ],
)
def test_complaints_are_told_apart_by_their_words(words: str, protocol: Protocol, found: str) -> None:
    verdict = judge_fault(words, protocol, otherwise=UNKNOWN)
    assert found in verdict.found
    assert verdict.next_step


def test_a_status_of_grpc_says_more_than_the_words_beside_it() -> None:
    assert "credentials" in judge_grpc("UNAUTHENTICATED", "connection refused").found
    assert judge_grpc("INVALID_ARGUMENT", "key hunter2") == Verdict(
        found="it refuses the export (INVALID_ARGUMENT)", next_step="Its own log says why."
    )

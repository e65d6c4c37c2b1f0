"""The duration of a session, whichever way it ends."""

from typing import Any

import pytest

from lambdascope_proxy.telemetry.session_meter import metering_session

USUAL = {"mcp.protocol.version": "2026-07-28", "network.transport": "pipe"}


def sessions(metered: Any) -> dict[tuple[tuple[str, str], ...], int]:
    """How many sessions ended, by attributes."""
    return {series: count for series, (count, _) in metered.read()["mcp.server.session.duration"].items()}


def test_a_session_is_metered_with_the_protocol_that_its_client_spoke(metered: Any) -> None:
    spoken: list[str | None] = [None]
    with metering_session(metered.meters, lambda: spoken[0]):
        spoken[0] = "2026-07-28"
    assert sessions(metered) == {tuple(sorted(USUAL.items())): 1}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("no"), "OSError"),
        (ExceptionGroup("tasks", [ExceptionGroup("more", [LookupError("no")])]), "LookupError"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_a_session_that_an_error_ends_is_metered_by_its_type_and_the_error_goes_on(
    metered: Any, error: BaseException, told: str
) -> None:
    # Such sessions were missing, so that a server that always broke off had no sessions at all.
    with pytest.raises(type(error)), metering_session(metered.meters, lambda: "2026-07-28"):
        raise error
    assert sessions(metered) == {tuple(sorted({**USUAL, "error.type": told}.items())): 1}


def test_without_metrics_nothing_is_metered() -> None:
    with metering_session(None, lambda: None):
        pass

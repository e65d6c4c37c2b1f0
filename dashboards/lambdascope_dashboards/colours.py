"""One colour for each outcome on every dashboard: green got what was asked for, yellow is the caller's
fault, red the function's, orange AWS's or the network's."""

from collections.abc import Mapping
from typing import Final

from lambdascope_proxy.call import OutcomeKind

OUTCOMES: Final[Mapping[str, str]] = {
    OutcomeKind.OK: "green",
    OutcomeKind.ACCEPTED: "light-green",
    OutcomeKind.DRY_RUN: "dark-green",
    OutcomeKind.INVALID_ARGUMENTS: "yellow",
    OutcomeKind.REFUSED: "dark-yellow",
    OutcomeKind.PAYLOAD_TOO_LARGE: "light-yellow",
    OutcomeKind.TOOL_ERROR: "light-red",
    OutcomeKind.FUNCTION_ERROR: "red",
    OutcomeKind.FUNCTION_TIMEOUT: "semi-dark-red",
    OutcomeKind.OUT_OF_MEMORY: "dark-red",
    OutcomeKind.THROTTLED: "purple",
    OutcomeKind.NOT_FOUND: "light-orange",
    OutcomeKind.ACCESS_DENIED: "semi-dark-orange",
    OutcomeKind.AWS_ERROR: "orange",
    OutcomeKind.TRANSPORT_ERROR: "dark-orange",
    OutcomeKind.CANCELLED: "blue",
}

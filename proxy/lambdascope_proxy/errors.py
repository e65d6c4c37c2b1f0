"""The exceptions of the proxy.

LambdascopeError
├── SettingsError     a setting is wrong; the command line exits with 2
├── PictureError      a picture cannot be drawn or written; the command line exits with 1
├── UnknownTool       no tool has that name; a protocol error on the wire
└── CallFailed        this call ends with a failed outcome; a tool error on the wire
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import Failure, Invocation, OutcomeKind

if TYPE_CHECKING:
    from lambdascope_proxy.cloudwatch.bill import Bill


class LambdascopeError(Exception):
    """Anything this package raises on purpose."""


class SettingsError(LambdascopeError):
    """A setting is missing, malformed or contradicts another."""


class PictureError(LambdascopeError):
    """A picture cannot be drawn or written."""


class UnknownTool(LambdascopeError):
    """A client asked for a tool that is not on the list."""


class CallFailed(LambdascopeError):
    """Ends a call with a failed outcome.

    `message` says what is wrong and `hint` what to do next; both reach the model. `error_type` is the short
    name under which the failure is counted (AWS error code, exception or a word of ours). `recorded` is for the
    history where the message quotes a payload. `invocation` holds what was measured when a request had left, `bill`
    what looking had cost by then, `meta` what the answer says of it for programs.
    """

    def __init__(self, kind: OutcomeKind, error_type: str, message: str, hint: str = "", *, recorded: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.failure = Failure(error_type=error_type, message=message, hint=hint, recorded=recorded)
        self.invocation: Invocation | None = None
        self.bill: Bill | None = None
        self.meta: Mapping[str, Any] = {}

    def take_bill(self) -> "Bill | None":
        """The bill, once: calls that asked the same at the same time share the failure, and AWS charged one of them."""
        bill, self.bill = self.bill, None
        return bill

"""The exceptions of the proxy.

LambdascopeError
├── SettingsError     a setting is wrong; the command line exits with 2
├── PinsError         the file of pinned tools cannot be used; the command line exits with 1
├── PictureError      a picture cannot be drawn or written; the command line exits with 1
├── UnknownTool       no tool has that name; a protocol error on the wire
├── CallFailed        this call ends with a failed outcome; a tool error on the wire
└── UpstreamError     another MCP server gave no result to a request
    ├── UpstreamRefused    it answered with an error of JSON-RPC
    ├── UpstreamGone       the connection ended before an answer came
    ├── UpstreamNonsense   what came is no answer
    └── ResultTooLarge     what came is more than is taken
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import Failure, Invocation, OutcomeKind, RpcError

if TYPE_CHECKING:
    from lambdascope_proxy.cloudwatch.bill import Bill


class LambdascopeError(Exception):
    """Anything this package raises on purpose."""


class SettingsError(LambdascopeError):
    """A setting is missing, malformed or contradicts another."""


class PictureError(LambdascopeError):
    """A picture cannot be drawn or written."""


class PinsError(LambdascopeError):
    """What was accepted of other servers' tools cannot be read or written, or nothing waits to be."""


class UnknownTool(LambdascopeError):
    """A client asked for a tool that is not on the list."""


class CallFailed(LambdascopeError):
    """Ends a call with a failed outcome.

    `message` says what is wrong and `hint` what to do next; both reach the model. `error_type` is the short
    name under which the failure is counted (AWS error code, exception or a word of ours). `recorded` is for the
    history where the message quotes a payload. `rpc_error` is what another side answered where that is the reason.
    `invocation` holds what was measured when a request had left, `bill` what looking had cost by then, `meta` what the
    answer says of it for programs.
    """

    def __init__(self, kind: OutcomeKind, error_type: str, message: str, hint: str = "", *, recorded: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.failure = Failure(error_type=error_type, message=message, hint=hint, recorded=recorded)
        self.invocation: Invocation | None = None
        self.rpc_error: RpcError | None = None
        self.bill: Bill | None = None
        self.meta: Mapping[str, Any] = {}

    def take_bill(self) -> "Bill | None":
        """The bill, once: calls that asked the same at the same time share the failure, and AWS charged one of them."""
        bill, self.bill = self.bill, None
        return bill


class UpstreamError(LambdascopeError):
    """Another MCP server gave no result to a request."""


class UpstreamRefused(UpstreamError):
    """It answered with an error of JSON-RPC, which `error` has as it came."""

    def __init__(self, error: RpcError) -> None:
        super().__init__(error.message)
        self.error = error


class UpstreamGone(UpstreamError):
    """The connection ended, or could not be made, before an answer came.

    `is_unseen` says that the upstream never looked at the request, which may therefore be sent again.
    """

    def __init__(self, message: str, *, is_unseen: bool = False) -> None:
        super().__init__(message)
        self.is_unseen = is_unseen


class UpstreamNonsense(UpstreamError):
    """What came is no answer in the form of the protocol."""


class ResultTooLarge(UpstreamError):
    """An answer had more bytes than are taken; `size` is None where nobody waited for its end."""

    def __init__(self, size: int | None, limit: int) -> None:
        super().__init__(f"The result has {size or f'over {limit}'} bytes; {limit} are taken.")
        self.size, self.limit = size, limit

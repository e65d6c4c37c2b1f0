"""The Logs Insights queries about single executions, for text and JSON log formats. Pure."""

from collections.abc import Sequence
from string import Template
from typing import Final

from lambdascope_proxy.cloudwatch.log_scope import scope_of
from lambdascope_proxy.selection import Function

MOST_IDS: Final = 100
# AWS takes 10,000 characters, of which so many ids and the rest need 8,700.
_LONGEST_SCOPE: Final = 1_200

_FIELDS: Final = "| fields @timestamp, @logStream, @message\n| sort @timestamp asc"
# Fields alone on the left of `in`: no documentation has a function there.
_OF_REQUESTS: Final = Template("""filter (@type in ["START", "END", "REPORT"] and @requestId in [$ids])
    or (type in ["platform.report", "platform.start"] and record.requestId in [$ids])""")
# How the runtimes write an uncaught exception and the platform a death. Many name no request.
_ERRORS: Final = r"""@message like /^\[ERROR\] [A-Za-z_]/
    or @message like /\tERROR\t(Invoke Error|Uncaught Exception|Unhandled Promise)/
    or @message like /^RequestId: \S+ Error: / or @message like /^\S+ \S+ Task timed out after/
    or (@message like /"errorType"/ and @message not like /"platform\./)"""
# An END tells the report that follows it from what a handler printed before.
_REPORTS: Final = '@type in ["START", "END", "REPORT"] or type in ["platform.start", "platform.report"]'


def requests_query(functions: Sequence[Function], request_ids: Sequence[str], *, with_errors: bool) -> str:
    """The system lines of these requests; with all errors of the window, where it matters how they ended."""
    ids = ", ".join(f'"{request_id}"' for request_id in request_ids)
    errors = f"\n    or {_ERRORS}" if with_errors else ""
    return f"{_of_streams(functions)}{_OF_REQUESTS.substitute(ids=ids)}{errors}\n{_FIELDS}"


def reports_query(functions: Sequence[Function]) -> str:
    """The starts, ends and reports of all executions of these functions, and all errors."""
    return f"{_of_streams(functions)}filter {_REPORTS}\n    or {_ERRORS}\n{_FIELDS}"


def _of_streams(functions: Sequence[Function]) -> str:
    """Only the streams of these functions; where a group has too many of them, their requests alone tell them apart."""
    scope = scope_of(functions)
    return f"filter {scope}\n| " if len(scope) <= _LONGEST_SCOPE else ""

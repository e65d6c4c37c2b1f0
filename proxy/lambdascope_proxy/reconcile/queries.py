"""The Logs Insights queries about single executions, for text and JSON log formats. Pure."""

import re
from collections.abc import Sequence
from string import Template
from typing import Final

from lambdascope_proxy.selection import Function

MOST_IDS: Final = 100

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


def requests_query(request_ids: Sequence[str], *, with_errors: bool) -> str:
    """The system lines of these requests; with all errors of the window, where it matters how they ended."""
    ids = ", ".join(f'"{request_id}"' for request_id in request_ids)
    errors = f"\n    or {_ERRORS}" if with_errors else ""
    return f"{_OF_REQUESTS.substitute(ids=ids)}{errors}\n{_FIELDS}"


def reports_query(streams: str = "") -> str:
    """The starts, ends and reports of all executions and all errors; `streams` narrows them, see `streams_of`."""
    of_streams = f"filter @logStream like /{streams}/\n| " if streams else ""
    return f"{of_streams}filter {_REPORTS}\n    or {_ERRORS}\n{_FIELDS}"


def streams_of(function: Function) -> str:
    """A regular expression for the function's streams; empty where its log group is its own.

    In a group of one's own choosing, which functions may share, streams are named after their function.
    """
    if function.log_group in (None, f"/aws/lambda/{function.name}"):
        return ""
    return rf"(^|\/){re.escape(function.name)}\["

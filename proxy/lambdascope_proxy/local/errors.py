"""Errors an AWS caller sees.

Exception
├── AwsError            any answer in the 4xx and 5xx, with its code
│   ├── NotFoundError   no such function, qualifier or schema
│   └── ThrottledError  over a concurrency limit
"""

from collections.abc import Mapping


class AwsError(Exception):
    """An error answer; `fields` are further members of the modelled exception."""

    def __init__(self, code: str, message: str, status: int = 400, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields or {}


class NotFoundError(AwsError):
    """No such function, version or alias."""

    def __init__(self, arn: str) -> None:
        super().__init__("ResourceNotFoundException", f"Function not found: {arn}", 404)


class ThrottledError(AwsError):
    """Over a concurrency limit."""

    def __init__(self, reason: str) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.", 429, {"Reason": reason})


def not_implemented(what: str) -> AwsError:
    """The answer to whatever this stage does not play."""
    return AwsError("UnknownOperationException", f"{what} is not implemented by the local AWS")


def invalid_parameter(message: str) -> AwsError:
    """A parameter Lambda would refuse."""
    return AwsError("InvalidParameterValueException", message)

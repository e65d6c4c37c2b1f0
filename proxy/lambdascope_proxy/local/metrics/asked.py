"""The parameters of a request to CloudWatch, read with their types; what is wrong is named by its path."""

import gzip
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.wire import MAX_BODY_BYTES, Request


class Asked:
    """A JSON object of a request; a member that is null counts as absent."""

    def __init__(self, members: Mapping[str, Any], path: str = "") -> None:
        self._members = {name: value for name, value in members.items() if value is not None}
        self._path = path

    def path(self, name: str) -> str:
        """The full name of a member, as AWS writes it."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Whether a member is there."""
        return name in self._members

    def without(self, name: str) -> str:
        """All but one member, as text that is the same for the same parameters."""
        return json.dumps({key: value for key, value in self._members.items() if key != name}, sort_keys=True)

    def only(self, *names: str) -> None:
        """Refuse other members than these: what is not played is not ignored."""
        if unknown := sorted(self._members.keys() - set(names)):
            raise invalid(f"{self.path(unknown[0])} is not implemented by the local AWS.")

    def text(self, name: str, default: str | None = None) -> str:
        """A string."""
        return cast("str", self._member(name, (str,), default))

    def flag(self, name: str, *, default: bool) -> bool:
        """A boolean."""
        return cast("bool", self._member(name, (bool,), default))

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        return cast("int", self._member(name, (int,), default))

    def number(self, name: str, default: float | None = None) -> float:
        """A finite number; times are numbers of seconds."""
        return _finite(self._member(name, (int, float), default), self.path(name))

    def numbers(self, name: str) -> list[float]:
        """A list of finite numbers."""
        path = self.path(name)
        return [_finite(value, f"{path}.member.{place}") for place, value in enumerate(self._list(name), 1)]

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        path = self.path(name)
        return [_of_kind(value, (str,), f"{path}.member.{place}") for place, value in enumerate(self._list(name), 1)]

    def inner(self, name: str) -> "Asked":
        """An object."""
        return Asked(self._member(name, (dict,), None), self.path(name))

    def each(self, name: str) -> "list[Asked]":
        """The objects in a list; none if it is absent."""
        path = self.path(name)
        return [
            Asked(_of_kind(value, (dict,), f"{path}.member.{place}"), f"{path}.member.{place}")
            for place, value in enumerate(self._list(name), 1)
        ]

    def _list(self, name: str) -> Sequence[Any]:
        return self._member(name, (list,), [])

    def _member(self, name: str, kinds: tuple[type, ...], default: object) -> Any:
        value = self._members.get(name, default)
        if value is None:
            raise AwsError("MissingParameter", f"The parameter {self.path(name)} is required.")
        return _of_kind(value, kinds, self.path(name))


def asked_of(request: Request) -> Asked:
    """The parameters of a request, which may be compressed, as SDKs do with what is long."""
    try:
        body = request.body or b"{}"
        if request.headers.get("content-encoding") == "gzip":
            body = _decompressed(body)
        return Asked(_of_kind(json.loads(body), (dict,), "The request"))
    except (ValueError, zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise AwsError("SerializationException", f"not a JSON object: {error}") from None


def invalid(message: str) -> AwsError:
    """The answer of most operations to a parameter they refuse."""
    return AwsError("ValidationError", message)


def _decompressed(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)  # a gzip header
    whole = unpacker.decompress(body, MAX_BODY_BYTES)
    if not unpacker.eof:
        raise ValueError("the body is cut off, or too large")
    return whole


def _of_kind(value: Any, kinds: tuple[type, ...], path: str) -> Any:
    if type(value) not in kinds:
        raise AwsError("SerializationException", f"{path} is of the wrong type")
    return value


def _finite(value: Any, path: str) -> float:
    number = float(_of_kind(value, (int, float), path))
    if not math.isfinite(number):
        raise invalid(f"The value {value} for parameter {path} is invalid.")
    return number

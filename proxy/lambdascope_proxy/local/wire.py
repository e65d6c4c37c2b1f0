"""The AWS wire: one HTTP endpoint that finds the service in the signature and answers in that service's protocol.

Signatures are looked at, not verified.
"""

import json
import logging
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from lambdascope_proxy.local.errors import AwsError, not_implemented
from lambdascope_proxy.local.loopback import LoopbackHandler, LoopbackServer

_log = logging.getLogger(__name__)
_SCOPE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<access_key>[^/,]+)/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)"
    r"/aws4_request, ?\S"
)
_XML_SERVICES = {"s3", "cloudfront", "route53"}  # the rest-xml ones; query ones are known by their form
MAX_BODY_BYTES = 6_291_456


def _no_headers() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a signature says it is for; empty where there is none."""

    access_key: str = ""
    region: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as the services see it; header names are in lower case, `body` is None when it was above 6 MB."""

    method: str
    path: str  # still percent-encoded: a function's ARN is one segment
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | None
    request_id: str
    scope: Scope = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A successful answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=_no_headers)


Service = Callable[[Request], Answer]
Services = Mapping[str, Service]


def json_answer(value: Mapping[str, Any], content_type: str = "application/json") -> Answer:
    """An answer in JSON."""
    return Answer(body=json.dumps(value).encode(), headers={"Content-Type": content_type})


class Endpoint(LoopbackServer):
    """The one port behind which all services are; `services_for` finds those of the place a request is meant for."""

    def __init__(self, services_for: Callable[[Request], Services], port: int) -> None:
        super().__init__(_Handler, port)
        self.services_for = services_for


class _Handler(LoopbackHandler):
    def _serve(self) -> None:
        request = self._request()
        try:
            answer = self._dispatch(request)
        except AwsError as error:
            answer = _error_answer(request, error)
        except Exception:
            _log.exception("the local AWS failed on %s %s", request.method, request.path)
            answer = _error_answer(request, AwsError("ServiceException", "internal error of the local AWS", 500))
        self.reply(answer.status, {"x-amzn-RequestId": request.request_id, **answer.headers}, answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - the names are given by http.server

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        match = _SCOPE.match(headers.get("authorization", ""))
        return Request(
            method=self.command,
            path=parts.path,
            query={name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
            headers=headers,
            body=self.read_body(MAX_BODY_BYTES),
            request_id=str(uuid.uuid4()),
            scope=Scope(**match.groupdict()) if match else Scope(),
        )

    def _dispatch(self, request: Request) -> Answer:
        name = request.scope.service
        if not name:
            raise AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        if "cbor" in request.headers.get("content-type", ""):
            raise AwsError("UnsupportedMediaTypeException", "CBOR is not implemented by the local AWS", 415)
        service = cast("Endpoint", self.server).services_for(request).get(name)
        if service is None:
            raise not_implemented(f"the service {name!r}")
        return service(request)


def _error_answer(request: Request, error: AwsError) -> Answer:
    is_form = "x-www-form-urlencoded" in request.headers.get("content-type", "")
    if is_form or request.scope.service in _XML_SERVICES:
        return _xml_error(request, error)
    kind = "User" if error.status < 500 else "Service"
    # Both spellings, because services differ and a client reads the one its model names.
    body = {"__type": error.code, "Type": kind, "message": error.message, "Message": error.message, **error.fields}
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return Answer(status=error.status, body=json.dumps(body).encode(), headers=headers)


def _xml_error(request: Request, error: AwsError) -> Answer:
    kind = "Sender" if error.status < 500 else "Receiver"
    body = (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{error.code}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request.request_id}</RequestId></ErrorResponse>"
    )
    return Answer(status=error.status, body=body.encode(), headers={"Content-Type": "text/xml"})

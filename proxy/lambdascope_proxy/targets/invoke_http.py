"""One Invoke request over an asynchronous HTTP client, signed by botocore.

Half the CPU of a boto3 call in a thread, no thread to wait in, and a cancelled caller lets go of its connection. What
boto3 decides stays boto3's: the endpoint, the credentials and their refresh, the proxy, the certificates, and how an
error is read. Never sends a request twice.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from lambdascope_proxy.aws.invoke_config import InvokeConfig
from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.threads import Threads

if TYPE_CHECKING:
    import aiohttp
    from botocore.credentials import Credentials

CONNECT_TIMEOUT_S = 10
# Shorter than any server keeps an idle connection, so that a request is not sent into one that is just closing.
IDLE_S = 15
# NAT gateways forget a connection that was silent for 350 s; functions may be for 900 s.
PROBE_S = 60
LARGE_BYTES = 65_536
RENEWALS_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class InvokeRequest:
    """What Invoke takes, by default at home; `read_timeout_s` must exceed the function's own timeout."""

    function_name: str
    payload: bytes
    invocation_type: str
    read_timeout_s: float
    qualifier: str = ""
    wants_tail: bool = False
    client_context: str = ""
    xray_header: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvokeResponse:
    """What Invoke answers, with the time from the request's start to the body's end in ms."""

    request_id: str | None
    executed_version: str | None
    function_error: str | None
    log_result: str | None
    body: bytes
    elapsed_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is settled once for each place: the configuration, whom connections trust, where credentials are renewed."""

    config: InvokeConfig
    context: ssl.SSLContext | bool
    threads: Threads


class InvokeHttp:
    """Sends Invoke requests, at most `limit` at once; further ones wait, and that wait is not part of `elapsed_ms`."""

    def __init__(self, places: Places, threads: Threads, limit: int) -> None:
        self._places = places
        self._threads = threads
        self._limit = limit
        self._opening = asyncio.Lock()
        self._turns = asyncio.Semaphore(limit)
        self._settled: dict[Place | None, Settled] = {}
        self._session: aiohttp.ClientSession | None = None

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """Sends it once. Raises what boto3 would: ClientError, NoCredentialsError, EndpointConnectionError and kin."""
        settled, session = await self._open(request.place)
        credentials = await _credentials(settled)
        async with self._turns:
            return await _send(session, settled, request, _signed_headers(settled.config, request, credentials))

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def _open(self, place: Place | None) -> "tuple[Settled, aiohttp.ClientSession]":
        settled = self._settled.get(place)
        if settled is not None and self._session is not None:
            return settled, self._session
        async with self._opening:
            if place not in self._settled:
                # Imports, files and perhaps the network: not on the event loop.
                self._settled[place] = await self._threads.run(lambda: self._settle(place))
            if self._session is None:
                self._session = _session(self._limit)
        return self._settled[place], self._session

    def _settle(self, place: Place | None) -> Settled:
        import_module("aiohttp")  # its cost is paid here, in a thread
        clients = self._places.clients(place)
        config = clients.invoke_config()
        context = ssl.create_default_context(cafile=config.ca_bundle) if config.ca_bundle else True
        # A role that is not answered must not keep home's credentials from being renewed.
        threads = self._threads if clients is self._places.home else Threads(RENEWALS_AT_ONCE)
        return Settled(config=config, context=context, threads=threads)


async def _credentials(settled: Settled) -> Any:
    credentials: Any = settled.config.credentials
    needs_refresh = getattr(credentials, "refresh_needed", None)
    if needs_refresh is not None and needs_refresh():
        return await settled.threads.run(credentials.get_frozen_credentials)
    return credentials.get_frozen_credentials()


def _session(limit: int) -> "aiohttp.ClientSession":
    import aiohttp

    connector = aiohttp.TCPConnector(
        limit=limit, keepalive_timeout=IDLE_S, ttl_dns_cache=30, socket_factory=_probed_socket
    )
    return aiohttp.ClientSession(connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())


def _probed_socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket of this family, type and protocol that TCP probes while it is silent."""
    made = socket.socket(*address[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # The time until the first probe has another name on macOS.
    for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL"):
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), PROBE_S)
    return made


def _signed_headers(config: InvokeConfig, request: InvokeRequest, credentials: "Credentials") -> Mapping[str, str]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    headers = {"X-Amz-Invocation-Type": request.invocation_type, "User-Agent": config.user_agent}
    if request.wants_tail:
        headers["X-Amz-Log-Type"] = "Tail"
    if request.client_context:
        headers["X-Amz-Client-Context"] = request.client_context
    to_sign = AWSRequest("POST", _url(config, request), data=request.payload, headers=headers)
    SigV4Auth(credentials, config.signing_name, config.signing_region).add_auth(to_sign)
    signed = dict(to_sign.headers.items())
    # Unsigned, as botocore does: hops on the way may change them.
    xray = {"X-Amzn-Trace-Id": request.xray_header} if request.xray_header else {}
    return {**signed, "Accept-Encoding": "identity", **xray}


def _url(config: InvokeConfig, request: InvokeRequest) -> str:
    path = f"/2015-03-31/functions/{quote(request.function_name, safe='')}/invocations"
    query = f"?{urlencode({'Qualifier': request.qualifier}, quote_via=quote)}" if request.qualifier else ""
    return config.url + path + query


async def _send(
    session: "aiohttp.ClientSession", settled: Settled, request: InvokeRequest, headers: Mapping[str, str]
) -> InvokeResponse:
    import aiohttp
    from yarl import URL

    config = settled.config
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=request.read_timeout_s)
    # As signed: a URL that was normalised once more would no longer fit its signature.
    url = URL(_url(config, request), encoded=True)
    # In pieces when large: aiohttp would write bytes in one, and hold the event loop meanwhile.
    payload = request.payload if len(request.payload) < LARGE_BYTES else BytesIO(request.payload)
    began = time.perf_counter()
    try:
        async with session.post(
            url,
            data=payload,
            headers=headers,
            timeout=timeout,
            proxy=config.proxy,
            ssl=settled.context,
            allow_redirects=False,
        ) as response:
            body = await response.read()
    except aiohttp.ClientError as error:
        raise _as_boto3_raises(error, config) from error
    elapsed_ms = round((time.perf_counter() - began) * 1000, 3)
    if response.status >= 300:
        raise config.error_of(response.status, response.headers, body)
    return _response(response.headers, body, elapsed_ms)


def _as_boto3_raises(error: "aiohttp.ClientError", config: InvokeConfig) -> Exception:
    import aiohttp
    from botocore import exceptions as aws

    at_endpoint: dict[str, Any] = {"endpoint_url": config.url, "error": error}
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return aws.ConnectTimeoutError(**at_endpoint)
    if isinstance(error, aiohttp.ServerTimeoutError):
        return aws.ReadTimeoutError(**at_endpoint)
    if isinstance(error, aiohttp.ClientSSLError):
        return aws.SSLError(**at_endpoint)
    # With a proxy, that is all we connect to: its answer to CONNECT is the only word of the endpoint behind it.
    if isinstance(error, aiohttp.ClientHttpProxyError | aiohttp.ClientConnectorError | aiohttp.InvalidURL):
        if config.proxy:
            return aws.ProxyConnectionError(proxy_url=config.shown_proxy, error=error)
        return aws.EndpointConnectionError(**at_endpoint)
    return aws.ConnectionClosedError(**at_endpoint, request=None, response=None)


def _response(headers: Mapping[str, str], body: bytes, elapsed_ms: float) -> InvokeResponse:
    return InvokeResponse(
        request_id=headers.get("x-amzn-RequestId"),
        executed_version=headers.get("X-Amz-Executed-Version"),
        function_error=headers.get("X-Amz-Function-Error"),
        log_result=headers.get("X-Amz-Log-Result"),
        body=body,
        elapsed_ms=elapsed_ms,
    )

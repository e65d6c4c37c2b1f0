"""Our asynchronous Invoke against boto3's own: same request on the wire, same endpoint, proxy, trust and errors.

Each test asks both the same and compares, so that it goes red when the two part ways after an update of either.
"""

import contextlib
import datetime
import ipaddress
import json
import socketserver
import ssl
import sys
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import exceptions as aws
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.targets.invoke_http import InvokeHttp, InvokeRequest
from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=5, read_timeout=5)
REGION = "eu-central-1"


def at_home(clients: Clients) -> Places:
    """Where nothing but home is needed."""
    return Places(clients, lambda place: clients)


@dataclass
class Recorder:
    """A server that keeps what it was sent and answers what it was told."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"fine": true}'
    hangs_up: bool = False
    seen: list[Any] = field(default_factory=list)
    url: str = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen = SimpleNamespace(command=self.command, path=self.path, headers=self.headers, sent=sent)
                recorder.seen.append(seen)
                if recorder.hangs_up:
                    self.close_connection = True
                    return
                self.send_response(recorder.status)
                for name, value in {"x-amzn-RequestId": "r-1", **recorder.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(recorder.body)))
                self.end_headers()
                self.wfile.write(recorder.body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextlib.contextmanager
def listening(recorder: Recorder, context: ssl.SSLContext | None = None) -> Generator[Recorder]:
    server: socketserver.BaseServer = ThreadingHTTPServer(("127.0.0.1", 0), recorder.handler())
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    recorder.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_environment(monkeypatch, tmp_path)


def set_environment(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Nothing of the machine's own AWS set-up or proxies reaches a test."""
    for name in ("AWS_PROFILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        patch.delenv(name, raising=False)
        patch.delenv(name.lower(), raising=False)
    patch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    patch.setenv("AWS_SESSION_TOKEN", "token")


def request_of(**changes: Any) -> InvokeRequest:
    return InvokeRequest(
        **{
            "function_name": "orders",
            "payload": b'{"n":1}',
            "invocation_type": "RequestResponse",
            "read_timeout_s": 5,
            "wants_tail": True,
            **changes,
        }
    )


def boto3_arguments(request: InvokeRequest) -> dict[str, Any]:
    optional = {
        "Qualifier": request.qualifier,
        "LogType": "Tail" if request.wants_tail else "",
        "ClientContext": request.client_context,
    }
    return {
        "FunctionName": request.function_name,
        "Payload": request.payload,
        "InvocationType": request.invocation_type,
        **{name: value for name, value in optional.items() if value},
    }


async def ours(request: InvokeRequest, clients: Clients | None = None) -> Any:
    http = InvokeHttp(at_home(clients or Clients(region=REGION, profile="")), Threads(2), 4)
    async with contextlib.aclosing(http):
        return await http.invoke(request)


def theirs(request: InvokeRequest, client: Any = None) -> Any:
    client = client or boto3.Session(region_name=REGION).client("lambda", config=ONE_ATTEMPT)
    return client.invoke(**boto3_arguments(request))


@dataclass
class Pair:
    """Ours and theirs before one server: making either anew costs half a second, so tests share them."""

    server: Recorder
    clients: Clients
    boto3_client: Any


@pytest.fixture(scope="module")
def shared_pair(tmp_path_factory: pytest.TempPathFactory) -> Generator[Pair]:
    with listening(Recorder()) as server:
        with pytest.MonkeyPatch.context() as patch:
            set_environment(patch, tmp_path_factory.mktemp("aws"))
            patch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
            clients = Clients(region=REGION, profile="")
            clients.invoke_config()
            client = boto3.Session(region_name=REGION).client("lambda", config=ONE_ATTEMPT)
        yield Pair(server, clients, client)


@pytest.fixture
def pair(shared_pair: Pair) -> Pair:
    """The shared pair, with a server that has seen nothing and answers well."""
    fresh = Recorder()
    for name in ("status", "headers", "body", "hangs_up", "seen"):
        setattr(shared_pair.server, name, getattr(fresh, name))
    return shared_pair


async def raised_by_both(request: InvokeRequest, pair: Pair | None = None) -> tuple[Any, Any]:
    with pytest.raises((aws.BotoCoreError, aws.ClientError)) as our_error:
        await ours(request, pair.clients if pair else None)
    with pytest.raises((aws.BotoCoreError, aws.ClientError)) as their_error:
        theirs(request, pair.boto3_client if pair else None)
    return our_error.value, their_error.value


@pytest.mark.parametrize(
    "request_sent",
    [
        request_of(),
        request_of(qualifier="live"),
        request_of(qualifier="$LATEST"),
        request_of(invocation_type="Event", wants_tail=False),
        request_of(invocation_type="DryRun", wants_tail=False),
        request_of(client_context="eyJjdXN0b20iOnt9fQ=="),
        request_of(payload='{"name":"Zoë","emoji":"🦆"}'.encode()),
        request_of(payload=b"{" + b" " * 3_000_000 + b"}"),
    ],
    ids=["plain", "alias", "latest", "event", "dry run", "client context", "unicode", "three megabytes"],
)
async def test_the_request_on_the_wire_is_boto3s(request_sent: InvokeRequest, pair: Pair) -> None:
    theirs(request_sent, pair.boto3_client)
    await ours(request_sent, pair.clients)
    boto, own = pair.server.seen
    assert (own.command, own.path, own.sent) == (boto.command, boto.path, boto.sent)
    # An encoding that was asked for would have to be undone: what arrived is handed on as it is.
    compared = (
        *("x-amz-invocation-type", "x-amz-log-type", "x-amz-client-context", "x-amz-security-token", "host"),
        "accept-encoding",
    )
    assert {name: own.headers[name] for name in compared} == {name: boto.headers[name] for name in compared}
    assert has_valid_signature(own, pair.server.url)


def has_valid_signature(received: Any, url: str) -> bool:
    """Signs what arrived again, as AWS does on its side."""
    authorization = received.headers["Authorization"]
    signed = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
    again = AWSRequest(
        "POST", url + received.path, data=received.sent, headers={n: received.headers[n] for n in signed}
    )
    again.context["timestamp"] = received.headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", "secret", "token"), "lambda", REGION)
    wanted = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    return authorization.endswith(f"Signature={wanted}")


async def test_the_xray_header_travels_outside_the_signature(pair: Pair) -> None:
    await ours(request_of(xray_header="Root=1-0-0;Parent=1;Sampled=1"), pair.clients)
    (received,) = pair.server.seen
    assert received.headers["X-Amzn-Trace-Id"] == "Root=1-0-0;Parent=1;Sampled=1"
    assert "x-amzn-trace-id" not in received.headers["Authorization"].lower()


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_ENDPOINT_URL": "http://e:1/x"},
    ],
    ids=["plain", "fips", "dual stack", "endpoint url"],
)
def test_the_endpoint_and_the_signing_scope_are_those_boto3_resolves(
    region: str, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    config = Clients(region=region, profile="").invoke_config()
    sent = what_boto3_would_send(region)
    assert sent.url == f"{config.url}/2015-03-31/functions/orders/invocations"
    scope = f"/{config.signing_region}/{config.signing_name}/aws4_request"
    assert scope in sent.headers["Authorization"].decode()


def what_boto3_would_send(region: str) -> Any:
    """The finished request of boto3, taken just before it would leave."""
    client = boto3.Session(region_name=region).client("lambda", config=ONE_ATTEMPT)
    taken: list[Any] = []

    def take(request: Any, **_: Any) -> None:
        taken.append(request)
        raise InterruptedError

    client.meta.events.register("before-send.lambda.Invoke", take)
    with pytest.raises(InterruptedError):
        client.invoke(FunctionName="orders")
    return taken[0]


async def test_the_profile_of_the_config_file_chooses_endpoint_region_and_keys(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text(
        "[profile ops]\nregion = ap-south-1\nendpoint_url = http://127.0.0.1:9/ops\n"
        "aws_access_key_id = AKIDOPS\naws_secret_access_key = s\n"
    )
    config = Clients(region="", profile="ops").invoke_config()
    assert (config.url, config.signing_region) == ("http://127.0.0.1:9/ops", "ap-south-1")
    assert config.credentials.get_frozen_credentials().access_key == "AKIDOPS"


@pytest.mark.parametrize(
    ("status", "code", "body"),
    [
        (400, "InvalidRequestContentException", {"message": "Could not parse", "Type": "User"}),
        (403, "AccessDeniedException", {"Message": "User: x is not authorized"}),
        (403, "UnrecognizedClientException", {"message": "The security token is invalid"}),
        (404, "ResourceNotFoundException", {"Message": "Function not found: arn", "Type": "User"}),
        (409, "ResourceConflictException", {"Message": "The operation cannot be performed", "Type": "User"}),
        (413, "RequestTooLargeException", {"message": "Request must be smaller", "Type": "User"}),
        (429, "TooManyRequestsException", {"message": "Rate", "Type": "User", "Reason": "CallerRateLimitExceeded"}),
        (500, "ServiceException", {"Message": "An internal error", "Type": "Service"}),
        (502, "EC2ThrottledException", {"Message": "x", "Type": "Service"}),
        (599, "SomethingNewException", {"message": "never heard of"}),
    ],
)
async def test_an_error_is_read_as_boto3_reads_it(status: int, code: str, body: dict[str, str], pair: Pair) -> None:
    pair.server.status, pair.server.body = status, json.dumps(body).encode()
    pair.server.headers = {"x-amzn-ErrorType": code, "Retry-After": "7"}
    our_error, their_error = await raised_by_both(request_of(), pair)
    assert type(our_error).__name__ == type(their_error).__name__
    assert without_transport(our_error.response) == without_transport(their_error.response)


def without_transport(response: dict[str, Any]) -> dict[str, Any]:
    """All but the headers, whose dates differ, and what botocore's own retry loop adds."""
    metadata = {k: v for k, v in response["ResponseMetadata"].items() if k in {"HTTPStatusCode", "RequestId"}}
    return {**response, "ResponseMetadata": metadata}


@pytest.mark.parametrize("body", [b"", b"<html>502 Bad Gateway</html>"], ids=["empty", "html"])
async def test_an_error_page_of_something_in_between_is_read_as_boto3_reads_it(body: bytes, pair: Pair) -> None:
    pair.server.status, pair.server.body = 502, body
    our_error, their_error = await raised_by_both(request_of(), pair)
    assert type(our_error).__name__ == type(their_error).__name__
    assert without_transport(our_error.response) == without_transport(their_error.response)


async def test_an_error_page_that_is_not_text_is_an_aws_error_where_boto3_itself_breaks(pair: Pair) -> None:
    pair.server.status, pair.server.body = 502, b"\xff\xfe"
    with pytest.raises(aws.ClientError, match="502"):
        await ours(request_of(), pair.clients)


async def test_an_error_that_is_json_but_no_object_is_an_aws_error_where_boto3_itself_breaks(pair: Pair) -> None:
    pair.server.status, pair.server.body = 403, b"[1,2]"
    with pytest.raises(aws.ClientError, match="403"):
        await ours(request_of(), pair.clients)


async def test_a_proxy_is_used_and_bypassed_as_boto3_does(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Recorder()) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://lambda.example.invalid")
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        theirs(request_of())
        await ours(request_of())
        assert [seen.path for seen in proxy.seen] == [proxy.seen[0].path] * 2
        assert urlsplit(proxy.seen[1].path).hostname == "lambda.example.invalid"
        monkeypatch.setenv("NO_PROXY", "lambda.example.invalid")
        our_error, their_error = await raised_by_both(request_of())
    assert isinstance(our_error, aws.EndpointConnectionError)
    assert isinstance(their_error, aws.EndpointConnectionError)


async def test_a_proxy_without_a_scheme_is_used_as_boto3_does(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Recorder()) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://lambda.example.invalid")
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removeprefix("http://"))
        theirs(request_of())
        await ours(request_of())
        assert [seen.path for seen in proxy.seen] == [proxy.seen[0].path] * 2


@pytest.mark.parametrize("proxy", ["127.0.0.1:9", "socks5://127.0.0.1:9", "proxy.example.invalid:3128"])
async def test_a_proxy_out_of_reach_is_the_one_that_is_named(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # An error that named the endpoint would have people look at the wrong machine.
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://lambda.example.invalid")
    monkeypatch.setenv("HTTP_PROXY", proxy)
    our_error, their_error = await raised_by_both(request_of())
    assert type(our_error) is type(their_error) is aws.ProxyConnectionError
    assert str(our_error) == str(their_error)


@pytest.mark.parametrize("proxy", ["http://a:b", "http://:9"])
async def test_a_proxy_that_is_no_address_is_told_as_a_proxy(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://lambda.example.invalid")
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(aws.ProxyConnectionError):
        await ours(request_of())


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
async def test_certificates_are_trusted_through_the_ca_bundle_and_not_without(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with listening(Recorder(), context) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        our_error, their_error = await raised_by_both(request_of())
        assert (type(our_error), type(their_error)) == (aws.SSLError, aws.SSLError)
        monkeypatch.setenv(variable, str(certificate))
        assert theirs(request_of())["Payload"].read() == b'{"fine": true}'
        assert (await ours(request_of())).body == b'{"fine": true}'


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


async def test_credentials_that_are_about_to_expire_are_renewed_before_the_request(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {vending(tmp_path)}\n")
    http = InvokeHttp(at_home(Clients(region=REGION, profile="")), Threads(2), 4)
    with listening(Recorder()) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        async with contextlib.aclosing(http):
            for _ in range(3):
                await http.invoke(request_of())
    keys = [seen.headers["Authorization"].split("Credential=")[1].split("/")[0] for seen in server.seen]
    assert len(set(keys)) == 3, "keys within a minute of their end must not be used again"
    assert all(key.startswith("AKIDVENDED") for key in keys)


def vending(folder: Path) -> str:
    """A credential process whose keys have a minute to live, and differ each time."""
    script = folder / "vend.py"
    script.write_text(
        "import datetime, json, os\n"
        "end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=60)\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': f'AKIDVENDED{os.urandom(4).hex()}', 'SecretAccessKey': 's',\n"
        "                  'SessionToken': 't', 'Expiration': end.isoformat()}))\n"
    )
    return f"{sys.executable} {script}"


def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)


def closed_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Recorder()) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)


@pytest.mark.parametrize("break_it", [no_credentials, closed_port])
async def test_what_keeps_a_request_from_leaving_raises_what_boto3_raises(
    break_it: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(monkeypatch)
    our_error, their_error = await raised_by_both(request_of())
    assert type(our_error) is type(their_error)


async def test_a_server_that_hangs_up_raises_what_boto3_raises_and_sees_the_request_once(pair: Pair) -> None:
    pair.server.hangs_up = True
    our_error, their_error = await raised_by_both(request_of(), pair)
    assert type(our_error) is type(their_error) is aws.ConnectionClosedError
    assert len(pair.server.seen) == 2

"""AWS clients, made once each and only when first needed; the only place that imports boto3."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

if TYPE_CHECKING:
    import boto3
    import botocore.session


@dataclass(frozen=True, slots=True, kw_only=True)
class InvokeConfig:
    """What boto3 would use for an Invoke: where, through which proxy, trusting whom, signed how, reading errors how.

    `error_of(status, headers, body)` is the exception boto3 would raise for a response of 300 or above.
    """

    url: str
    proxy: str | None
    shown_proxy: str
    ca_bundle: str
    signing_name: str
    signing_region: str
    credentials: Any
    user_agent: str
    error_of: Callable[[int, Mapping[str, str], bytes], Exception]


class Clients:
    """Lazily made boto3 clients that share one session. Thread-safe; clients are made under a lock."""

    def __init__(self, *, region: str, profile: str, on_import: Callable[[], None] | None = None) -> None:
        self._region = region
        self._profile = profile
        self._on_import = on_import
        self._lock = threading.RLock()
        self._session: boto3.Session | None = None
        self._core: botocore.session.Session | None = None
        self._made: dict[str, Any] = {}

    @property
    def region(self) -> str:
        """The region in force; CallFailed when none is configured."""
        region = self._open_session().region_name
        if not region:
            raise CallFailed(OutcomeKind.AWS_ERROR, "NoRegion", "No AWS region is configured.", "Set AWS_REGION.")
        return region

    def reader(self, service: str) -> Any:
        """A client for reads of the control plane, which botocore may retry."""
        region = self.region
        with self._lock:
            if service not in self._made:
                self._made[service] = self._make(service, region)
            return self._made[service]

    def invoke_config(self) -> InvokeConfig:
        """Everything Invoke needs, resolved by boto3. Raises what boto3 raises, NoCredentialsError among them."""
        from botocore.exceptions import NoCredentialsError
        from botocore.httpsession import get_cert_path, mask_proxy_url
        from botocore.utils import get_environ_proxies

        client = self.reader("lambda")
        assert self._core is not None
        credentials = self._core.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        url: str = client.meta.endpoint_url
        proxies: Mapping[str, str] = get_environ_proxies(url)
        proxy = proxies.get(url.split(":")[0])
        return InvokeConfig(
            url=url.rstrip("/"),
            proxy=proxy,
            shown_proxy=mask_proxy_url(proxy) if proxy else "",
            ca_bundle=get_cert_path(self._core.get_config_variable("ca_bundle") or True) or "",
            signing_name=client.meta.service_model.signing_name,
            signing_region=client.meta.region_name,
            credentials=credentials,
            user_agent=f"{self._core.user_agent()} lambdascope",
            error_of=lambda status, headers, body: _error_of(client, status, headers, body),
        )

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config
        from botocore.exceptions import NoCredentialsError

        session: Any = self._open_session()  # the stubs want a literal service name
        if session.get_credentials() is None:
            # A client made now would never have any: none is kept, so that the next call looks again.
            raise NoCredentialsError
        config = Config(connect_timeout=10, read_timeout=20, retries={"total_max_attempts": 3, "mode": "standard"})
        return session.client(service, region_name=region, config=config)

    def _open_session(self) -> "boto3.Session":
        with self._lock:
            if self._session is None:
                import boto3
                import botocore.session

                if self._on_import:
                    self._on_import()
                self._core = botocore.session.Session(profile=self._profile or None)
                self._session = boto3.Session(botocore_session=self._core, region_name=self._region or None)
            return self._session


def _error_of(client: Any, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    """As botocore's endpoint does it: the general form of an error, then the fields its own shape adds."""
    from botocore.awsrequest import HeadersDict
    from botocore.parsers import create_parser

    model = client.meta.service_model
    # An error page of something in between may be in any encoding; botocore decodes strictly.
    text = body.decode(errors="replace").encode()
    response: dict[str, Any] = {"status_code": status, "headers": HeadersDict(headers), "body": text, "context": {}}
    parser: Any = create_parser(model.metadata["protocol"])
    parsed = parser.parse(response, model.operation_model("Invoke").output_shape)
    code = parsed.get("Error", {}).get("Code")
    shape = model.shape_for_error_code(code) if code else None
    if shape is not None:
        parsed.update(parser.parse(response, shape))
    return client.exceptions.from_code(code)(parsed, "Invoke")

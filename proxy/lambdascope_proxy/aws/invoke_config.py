"""What boto3 settles for an Invoke: where it goes, through which proxy, trusting whom, and how its errors are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdascope_proxy.aws.certificates import trusted_certificates

ERROR_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class InvokeConfig:
    """What boto3 would use for an Invoke: where, through which proxy, trusting whom, signed how, reading errors how.

    `ca_bundle` is empty for an endpoint without TLS. `error_of(status, headers, body)` is the exception boto3 would
    raise for a response of 300 or above.
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


def settle_invoke(client: Any, core: Any, credentials: Any) -> InvokeConfig:
    """Reads it from a Lambda client and its botocore session. Raises: CallFailed for certificates out of reach."""
    from botocore.httpsession import mask_proxy_url

    url: str = client.meta.endpoint_url
    proxy = _proxy_for(url)
    return InvokeConfig(
        url=url.rstrip("/"),
        proxy=proxy,
        shown_proxy=mask_proxy_url(proxy) if proxy else "",
        ca_bundle=trusted_certificates(core) if url.startswith("https:") else "",
        signing_name=client.meta.service_model.signing_name,
        signing_region=client.meta.region_name,
        credentials=credentials,
        user_agent=f"{core.user_agent()} lambdascope",
        error_of=lambda status, headers, body: _error_of(client, status, headers, body),
    )


def _proxy_for(url: str) -> str | None:
    """As botocore chooses it: from the environment, and `http://` when the variable has no scheme."""
    from botocore.httpsession import ProxyConfiguration
    from botocore.utils import get_environ_proxies

    return ProxyConfiguration(proxies=get_environ_proxies(url)).proxy_url_for(url) or None


def _error_of(client: Any, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    from botocore.exceptions import ClientError

    # An error page of something in between may be in any encoding; botocore decodes strictly.
    text = body.decode(errors="replace")
    try:
        return _parsed_error(client, status, headers, text.encode())
    except Exception:
        # It may also be JSON of any shape, where botocore's parser takes an object with words in it for granted.
        message = " ".join(text.split())[:ERROR_CHARS]
        metadata = {"HTTPStatusCode": status}
        response: Any = {"Error": {"Code": str(status), "Message": message}, "ResponseMetadata": metadata}
        return ClientError(response, "Invoke")


def _parsed_error(client: Any, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    """As botocore's endpoint does it: the general form of an error, then the fields its own shape adds."""
    from botocore.awsrequest import HeadersDict
    from botocore.parsers import create_parser

    model = client.meta.service_model
    response: dict[str, Any] = {"status_code": status, "headers": HeadersDict(headers), "body": body, "context": {}}
    parser: Any = create_parser(model.metadata["protocol"])
    parsed = parser.parse(response, model.operation_model("Invoke").output_shape)
    code = parsed.get("Error", {}).get("Code")
    shape = model.shape_for_error_code(code) if code else None
    if shape is not None:
        parsed.update(parser.parse(response, shape))
    return client.exceptions.from_code(code)(parsed, "Invoke")

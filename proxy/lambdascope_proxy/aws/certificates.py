"""Which certificates connections to AWS trust: the choice is boto3's, and one that cannot be read is told by name."""

import os
import ssl
from typing import Any

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

VARIABLE = "AWS_CA_BUNDLE"
FALLBACK_VARIABLE = "REQUESTS_CA_BUNDLE"


def trusted_certificates(core: Any) -> str:
    """Path of the file of certificates that a botocore session would have its clients trust.

    Raises: CallFailed, naming the file and where it was named, when it cannot be read.
    """
    from botocore.httpsession import get_cert_path

    path: str | None = core.get_config_variable("ca_bundle")
    named_by = VARIABLE if VARIABLE in os.environ else "ca_bundle of the AWS profile"
    if path is None:
        path, named_by = os.environ.get(FALLBACK_VARIABLE), FALLBACK_VARIABLE
    if path is None:
        return str(get_cert_path(True))
    _check(path, named_by)
    return path


def _check(path: str, named_by: str) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except OSError as error:
        # OpenSSL's own words, "no such file or directory", name no file.
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise CallFailed(
            OutcomeKind.TRANSPORT_ERROR,
            "CaBundleUnusable",
            f"The certificates to trust cannot be read from {path!r}, which {named_by} names: {reason}.",
            f"Let {named_by} name a file of PEM certificates, or unset it.",
        ) from error

"""Turns what boto3 raises during an upload into what went wrong and what to do, in plain words."""

from typing import TYPE_CHECKING, Any, Final

from lambdascope_analytics.errors import LakeError
from lambdascope_analytics.store.lake.location import LakeLocation

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_CREDENTIALS: Final = "check the AWS credentials, or name others with LAMBDASCOPE_HISTORY_S3_PROFILE"
_REACH: Final = "check the network, AWS_REGION and LAMBDASCOPE_HISTORY_S3_ENDPOINT"
_REGION: Final = "set AWS_REGION to the bucket's region"
_LATER: Final = "the next upload tries again"

# By the beginning of the error code, the first that fits.
_ADVICE: Final = (
    ("NoSuchBucket", "create the bucket or correct LAMBDASCOPE_HISTORY_S3"),
    ("AllAccessDisabled", "correct LAMBDASCOPE_HISTORY_S3: this bucket is closed to everybody"),
    ("KMS", "check LAMBDASCOPE_HISTORY_S3_KMS_KEY and the permission kms:GenerateDataKey on that key"),
    ("AccessDenied", "grant s3:PutObject on {arn} (docs/lake.md has the whole policy)"),
    ("RequestTimeTooSkewed", "set this machine's clock: it differs from S3's by more than 15 minutes"),
    ("RequestExpired", "set this machine's clock: it differs from S3's by more than 15 minutes"),
    ("PermanentRedirect", _REGION),
    ("AuthorizationHeaderMalformed", _REGION),
    ("IllegalLocationConstraint", _REGION),
    ("InvalidAccessKeyId", _CREDENTIALS),
    ("SignatureDoesNotMatch", _CREDENTIALS),
    ("ExpiredToken", _CREDENTIALS),
    ("TokenRefreshRequired", _CREDENTIALS),
    ("InvalidToken", _CREDENTIALS),
    ("AccountProblem", _CREDENTIALS),
    ("NotSignedUp", _CREDENTIALS),
    ("InvalidSecurity", _CREDENTIALS),
    ("SlowDown", f"S3 asks for fewer requests; {_LATER}"),
    ("ServiceUnavailable", f"S3 is overloaded; {_LATER}"),
    ("Throttl", f"S3 asks for fewer requests; {_LATER}"),
    ("InternalError", f"S3 failed; {_LATER}"),
)
_OF_STATUS: Final = {
    301: _REGION,
    401: _CREDENTIALS,
    403: "check the credentials and the permission s3:PutObject on {arn} (docs/lake.md has the whole policy)",
    429: f"S3 asks for fewer requests; {_LATER}",
}
# What concerns one file only: the others may still go.
_OF_ONE_FILE: Final = (
    "BadDigest",
    "EntityTooLarge",
    "InvalidDigest",
    "IncompleteBody",
    "KeyTooLong",
    "XAmzContentSHA256Mismatch",
)
_LONGEST_REASON: Final = 500


def failure_of(error: Exception, location: LakeLocation) -> LakeError:
    """Return what `error` means for the lake at `location`.

    Exceptions that are not AWS's or the network's are re-raised: they are defects of ours.
    """
    from botocore import exceptions as aws

    if isinstance(error, LakeError):
        return error
    if isinstance(error, aws.ClientError):
        return _from_response(error, location)
    no_credentials = (
        aws.NoCredentialsError,
        aws.PartialCredentialsError,
        aws.CredentialRetrievalError,
        aws.ProfileNotFound,
        aws.TokenRetrievalError,
        aws.SSOError,
        aws.UnauthorizedSSOTokenError,
        aws.MetadataRetrievalError,
    )
    if isinstance(error, no_credentials):
        return _failure(location, f"no usable credentials: {error}", _CREDENTIALS)
    if isinstance(error, aws.HTTPClientError | aws.ConnectionError):
        return _failure(location, f"S3 cannot be reached: {error}", _REACH)
    # botocore raises a bare ValueError for an endpoint it cannot read.
    if isinstance(error, aws.BotoCoreError | ValueError):
        return _failure(location, f"the AWS configuration cannot be used: {error}", _REACH)
    raise error


def _from_response(error: "ClientError", location: LakeLocation) -> LakeError:
    response: Any = error.response
    code = str(response.get("Error", {}).get("Code") or "no error code")
    message = str(response.get("Error", {}).get("Message") or "no message")
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    return _failure(
        location,
        f"{code}: {message}",
        _advice(code, status, message),
        is_of_one_file=code.startswith(_OF_ONE_FILE),
    )


def _advice(code: str, status: int, message: str) -> str:
    if "kms:" in message:
        code = "KMS"  # S3 says AccessDenied, of the key as of the bucket
    for beginning, advice in _ADVICE:
        if code.startswith(beginning):
            return advice
    return _OF_STATUS.get(status, _LATER)


def _failure(location: LakeLocation, reason: str, advice: str, *, is_of_one_file: bool = False) -> LakeError:
    arn = f"arn:aws:s3:::{location.bucket}/{location.key_of('*')}"
    text = reason.rstrip(". ")[:_LONGEST_REASON]
    return LakeError(f"{location}: {text}; {advice.format(arn=arn)}", is_of_one_file=is_of_one_file)

"""Turns what boto3 raises into a failed outcome with a cause and a next step."""

from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

KIND_OF_CODE = {
    "ResourceNotFoundException": OutcomeKind.NOT_FOUND,
    "NotFoundException": OutcomeKind.NOT_FOUND,
    "TooManyRequestsException": OutcomeKind.THROTTLED,
    "ThrottlingException": OutcomeKind.THROTTLED,
    "Throttling": OutcomeKind.THROTTLED,
    "RequestTooLargeException": OutcomeKind.PAYLOAD_TOO_LARGE,
    "SerializedRequestEntityTooLargeException": OutcomeKind.PAYLOAD_TOO_LARGE,
    "InvalidRequestContentException": OutcomeKind.INVALID_ARGUMENTS,
    "InvalidParameterValueException": OutcomeKind.INVALID_ARGUMENTS,
    "ValidationException": OutcomeKind.INVALID_ARGUMENTS,
}
NO_ACCESS = (
    "AccessDenied",
    "UnrecognizedClient",
    "InvalidSignature",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "ExpiredToken",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "AuthFailure",
    "OptInRequired",
)
NOT_RECOGNISED = ("UnrecognizedClient", "InvalidClientTokenId", "AuthFailure", "OptInRequired")
CREDENTIALS = "Check the AWS credentials: `lambdascope doctor` shows which are used."
HINTS = {
    OutcomeKind.THROTTLED: "Wait and call again with fewer calls at once, or raise the function's concurrency limit.",
    OutcomeKind.PAYLOAD_TOO_LARGE: "Send a smaller payload, for example a reference to an object in S3.",
    OutcomeKind.INVALID_ARGUMENTS: "Correct the arguments; get_function_schema may show what the function takes.",
    OutcomeKind.AWS_ERROR: "AWS reported this, the function may not have run; `lambdascope doctor` checks the set-up.",
}


def failure_of(error: Exception, doing: str, region: str = "", *, may_run_on: bool = False) -> CallFailed:
    """The failed outcome for an exception from boto3 or the network; `doing` completes "while ...".

    With `may_run_on` what was done goes on at AWS when we no longer hear of it, as a function does.

    Exceptions that are not AWS's or the network's are re-raised: they are defects of ours.
    """
    from botocore import exceptions as aws

    if isinstance(error, CallFailed):
        return error
    if isinstance(error, aws.ClientError):
        return _from_response(error, doing, region)
    name = type(error).__name__
    if _lacks_credentials(error):
        return CallFailed(
            OutcomeKind.ACCESS_DENIED, name, f"No usable AWS credentials while {doing}: {error}", CREDENTIALS
        )
    if isinstance(error, aws.HTTPClientError | aws.ConnectionError | OSError):
        hint = "Check the network, AWS_REGION and AWS_ENDPOINT_URL"
        hint += "; a call that had started may still be running." if may_run_on else "."
        return CallFailed(OutcomeKind.TRANSPORT_ERROR, name, f"AWS could not be reached while {doing}: {error}", hint)
    if isinstance(error, aws.ParamValidationError):
        hint = HINTS[OutcomeKind.INVALID_ARGUMENTS]
        return CallFailed(OutcomeKind.INVALID_ARGUMENTS, name, f"Not sent, while {doing}: {error}", hint)
    if isinstance(error, aws.BotoCoreError):
        return CallFailed(OutcomeKind.AWS_ERROR, name, f"Failed while {doing}: {error}", HINTS[OutcomeKind.AWS_ERROR])
    raise error


def _lacks_credentials(error: Exception) -> bool:
    from botocore import exceptions as aws

    return isinstance(
        error,
        aws.NoCredentialsError
        | aws.PartialCredentialsError
        | aws.CredentialRetrievalError
        | aws.ProfileNotFound
        | aws.TokenRetrievalError
        | aws.SSOError
        | aws.UnauthorizedSSOTokenError
        | aws.MetadataRetrievalError,
    )


def throttle_delay_s(error: Exception) -> float | None:
    """Seconds AWS asks to wait when `error` is a throttle (0 when it does not say); None for anything else."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    code = response.get("Error", {}).get("Code", "")
    if KIND_OF_CODE.get(code) is not OutcomeKind.THROTTLED:
        return None
    try:
        return max(0.0, float(response.get("retryAfterSeconds") or 0))
    except ValueError:
        return 0.0


def _from_response(error: "ClientError", doing: str, region: str) -> CallFailed:
    details: Any = error.response.get("Error", {})
    code = str(details.get("Code") or "UnknownError")  # botocore hands on what the JSON holds
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    message = details.get("Message") or error.response.get("message") or str(error)
    kind = _kind_of(code, status)
    return CallFailed(kind, code, f"{code} while {doing}: {message}", _hint(kind, code, region, error.response))


def _kind_of(code: str, status: int | None) -> OutcomeKind:
    if kind := KIND_OF_CODE.get(code):
        return kind
    if status in {401, 403} or code.startswith(NO_ACCESS):
        return OutcomeKind.ACCESS_DENIED
    if status == 429:
        return OutcomeKind.THROTTLED
    return OutcomeKind.AWS_ERROR


def _hint(kind: OutcomeKind, code: str, region: str, response: Any) -> str:
    if kind is OutcomeKind.NOT_FOUND:
        where = f" in {region}" if region else ""
        return (
            f"Check the name and the qualifier{where}: list_functions shows what there is, AWS_REGION sets the region."
        )
    if kind is OutcomeKind.ACCESS_DENIED:
        if code.startswith("AccessDenied"):
            return "Grant the missing permission to the role lambdascope runs with; `lambdascope doctor` lists them."
        if code.startswith(NOT_RECOGNISED) and region:
            return f"{CREDENTIALS} A region that is not enabled for the account answers so, too: is {region}?"
        return CREDENTIALS
    if kind is OutcomeKind.THROTTLED and (reason := response.get("Reason")):
        return f"{reason}. {HINTS[kind]}"
    return HINTS[kind]

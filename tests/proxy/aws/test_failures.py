"""What boto3 raises, as outcomes with a cause and a next step."""

from typing import Any

import pytest
from botocore import exceptions as aws
from botocore.exceptions import ClientError

from lambdascope_proxy.aws.failures import failure_of, throttle_delay_s
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed


def client_error(code: str, status: int = 400, message: str = "words of AWS", **extra: Any) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **extra,
    }
    return ClientError(response, "Invoke")


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        ("ResourceNotFoundException", 404, "not_found"),
        ("NotFoundException", 404, "not_found"),
        ("TooManyRequestsException", 429, "throttled"),
        ("ThrottlingException", 400, "throttled"),
        ("SomethingNewException", 429, "throttled"),
        ("RequestTooLargeException", 413, "payload_too_large"),
        ("SerializedRequestEntityTooLargeException", 413, "payload_too_large"),
        ("InvalidRequestContentException", 400, "invalid_arguments"),
        ("InvalidParameterValueException", 400, "invalid_arguments"),
        ("ValidationException", 400, "invalid_arguments"),
        ("AccessDeniedException", 403, "access_denied"),
        ("AccessDenied", 403, "access_denied"),
        ("ExpiredTokenException", 400, "access_denied"),
        ("UnrecognizedClientException", 403, "access_denied"),
        ("InvalidSignatureException", 403, "access_denied"),
        ("InvalidClientTokenId", 403, "access_denied"),
        ("SomethingNewException", 403, "access_denied"),
        ("ServiceException", 500, "aws_error"),
        ("EC2AccessDeniedException", 502, "aws_error"),  # the function's role lacks it, not ours
        ("KMSDisabledException", 502, "aws_error"),
        ("ResourceConflictException", 409, "aws_error"),
        ("SnapStartNotReadyException", 409, "aws_error"),
    ],
)
def test_an_error_of_aws_has_its_outcome_and_its_code(code: str, status: int, outcome: str) -> None:
    failed = failure_of(client_error(code, status), "invoking orders")
    assert failed.kind.value == outcome
    assert failed.failure.error_type == code
    assert str(failed) == f"{code} while invoking orders: words of AWS"
    assert failed.failure.hint


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (aws.NoCredentialsError(), "access_denied"),
        (aws.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "access_denied"),
        (aws.ProfileNotFound(profile="nobody"), "access_denied"),
        (aws.TokenRetrievalError(provider="sso", error_msg="expired"), "access_denied"),
        (aws.EndpointConnectionError(endpoint_url="https://lambda"), "transport_error"),
        (aws.ConnectTimeoutError(endpoint_url="https://lambda"), "transport_error"),
        (aws.ReadTimeoutError(endpoint_url="https://lambda"), "transport_error"),
        (aws.SSLError(endpoint_url="https://lambda", error=ValueError("self-signed")), "transport_error"),
        (aws.ResponseStreamingError(error="torn"), "transport_error"),
        (aws.ConnectionClosedError(endpoint_url="https://lambda"), "transport_error"),
        (aws.ProxyConnectionError(proxy_url="http://proxy"), "transport_error"),
        (ConnectionResetError("reset"), "transport_error"),
        (aws.ParamValidationError(report="FunctionName"), "invalid_arguments"),
        (aws.UnknownServiceError(service_name="x", known_service_names="y"), "aws_error"),
    ],
)
def test_what_happens_before_aws_answers_has_its_outcome(error: Exception, outcome: str) -> None:
    failed = failure_of(error, "invoking orders")
    assert failed.kind.value == outcome
    assert failed.failure.error_type == type(error).__name__
    assert "while invoking orders" in str(failed)
    assert failed.failure.hint


def test_only_an_invocation_is_said_to_be_running_on() -> None:
    # Nobody who lists functions has started anything.
    lost = aws.ReadTimeoutError(endpoint_url="https://lambda")
    assert "running" not in failure_of(lost, "reading the functions").failure.hint
    assert "may still be running" in failure_of(lost, "invoking orders", may_run_on=True).failure.hint


def test_a_code_that_is_no_text_is_still_told() -> None:
    odd: Any = {"Error": {"Code": 7, "Message": "words"}, "ResponseMetadata": {"HTTPStatusCode": 502}}
    failed = failure_of(ClientError(odd, "Invoke"), "invoking orders")
    assert (failed.kind, failed.failure.error_type) == (OutcomeKind.AWS_ERROR, "7")


def test_a_failure_of_ours_passes_unchanged() -> None:
    ours = CallFailed(OutcomeKind.REFUSED, "NotAllowed", "no")
    assert failure_of(ours, "anything") is ours


@pytest.mark.parametrize("defect", [KeyError("x"), TypeError("y"), RuntimeError("z")])
def test_a_defect_of_ours_is_not_taken_for_one_of_aws(defect: Exception) -> None:
    with pytest.raises(type(defect)):
        failure_of(defect, "anything")


def test_what_was_not_found_is_told_with_its_region() -> None:
    assert "in eu-west-1" in failure_of(client_error("ResourceNotFoundException"), "x", "eu-west-1").failure.hint


def test_missing_permission_and_bad_credentials_have_different_next_steps() -> None:
    assert "permission" in failure_of(client_error("AccessDeniedException", 403), "x").failure.hint
    assert "credentials" in failure_of(client_error("ExpiredTokenException", 403), "x").failure.hint


@pytest.mark.parametrize("code", ["UnrecognizedClientException", "InvalidClientTokenId"])
def test_credentials_that_are_not_recognised_may_mean_a_region_that_is_not_enabled(code: str) -> None:
    assert "is me-south-1?" in failure_of(client_error(code, 403), "x", "me-south-1").failure.hint
    assert "enabled" not in failure_of(client_error("ExpiredTokenException", 403), "x", "me-south-1").failure.hint


def test_the_reason_of_a_throttle_comes_first_in_its_hint() -> None:
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    hint = failure_of(client_error("TooManyRequestsException", 429, Reason=reason), "x").failure.hint
    assert hint.startswith(f"{reason}. Wait")


def test_a_message_at_the_top_level_or_none_at_all_is_no_defect() -> None:
    bare: Any = {"Error": {"Code": "Odd"}, "message": "at the top"}
    assert "at the top" in str(failure_of(ClientError(bare, "Invoke"), "x"))
    empty: Any = {}
    assert failure_of(ClientError(empty, "Invoke"), "x").failure.error_type == "UnknownError"


@pytest.mark.parametrize(
    ("error", "delay_s"),
    [
        (client_error("TooManyRequestsException", 429), 0.0),
        (client_error("TooManyRequestsException", 429, retryAfterSeconds="3"), 3.0),
        (client_error("TooManyRequestsException", 429, retryAfterSeconds="Wed, 21 Oct 2026 07:28:00 GMT"), 0.0),
        (client_error("TooManyRequestsException", 429, retryAfterSeconds="-1"), 0.0),
        (client_error("ThrottlingException", 400), 0.0),
        (client_error("ServiceException", 500), None),
        (client_error("ServiceException", 500, retryAfterSeconds="3"), None),
        (aws.ReadTimeoutError(endpoint_url="https://lambda"), None),
        (ValueError("x"), None),
    ],
)
def test_only_a_throttle_may_be_tried_again_and_says_when(error: Exception, delay_s: float | None) -> None:
    # After anything else the function may have run: trying again would run it twice.
    assert throttle_delay_s(error) == delay_s

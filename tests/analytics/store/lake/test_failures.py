"""What failures of S3 are told as: the place, what S3 said, and what to do."""

import pytest
from botocore import exceptions as aws

from lambdascope_analytics.errors import LakeError
from lambdascope_analytics.store.lake.failures import failure_of
from lambdascope_analytics.store.lake.location import LakeLocation

LOCATION = LakeLocation(bucket="lake", prefix="agents")
ARN = "arn:aws:s3:::lake/agents/*"


def told(code: str, status: int = 400, message: str = "as S3 says.") -> LakeError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return failure_of(aws.ClientError(response, "PutObject"), LOCATION)  # pyright: ignore[reportArgumentType] -- made by hand


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("NoSuchBucket", "create the bucket or correct LAMBDASCOPE_HISTORY_S3"),
        ("AccessDenied", f"grant s3:PutObject on {ARN} (docs/lake.md has the whole policy)"),
        ("RequestTimeTooSkewed", "set this machine's clock"),
        ("PermanentRedirect", "set AWS_REGION to the bucket's region"),
        ("AuthorizationHeaderMalformed", "set AWS_REGION to the bucket's region"),
        ("InvalidAccessKeyId", "check the AWS credentials"),
        ("SignatureDoesNotMatch", "check the AWS credentials"),
        ("ExpiredToken", "check the AWS credentials"),
        ("KMS.DisabledException", "check LAMBDASCOPE_HISTORY_S3_KMS_KEY"),
        ("SlowDown", "the next upload tries again"),
        ("SomethingNew", "the next upload tries again"),
    ],
)
def test_what_s3_says_comes_with_what_to_do(code: str, advice: str) -> None:
    text = str(told(code))
    assert text.startswith(f"s3://lake/agents: {code}: as S3 says; ")
    assert advice in text


@pytest.mark.parametrize(("status", "advice"), [(301, "AWS_REGION"), (401, "credentials"), (403, ARN), (429, "fewer")])
def test_a_code_nobody_knows_is_advised_on_by_its_status(status: int, advice: str) -> None:
    assert advice in str(told("XOtherServer", status))


def test_a_denied_key_is_not_taken_for_a_denied_bucket() -> None:
    # S3 says AccessDenied for both; its message names the action on the key.
    text = str(told("AccessDenied", 403, "User is not authorized to perform: kms:GenerateDataKey on resource x"))
    assert "LAMBDASCOPE_HISTORY_S3_KMS_KEY" in text


@pytest.mark.parametrize("code", ["BadDigest", "EntityTooLarge", "XAmzContentSHA256Mismatch", "KeyTooLongError"])
def test_what_concerns_one_file_does_not_hold_up_the_others(code: str) -> None:
    assert told(code).is_of_one_file


@pytest.mark.parametrize("code", ["NoSuchBucket", "AccessDenied", "SlowDown", "ExpiredToken", "SomethingNew"])
def test_what_concerns_all_files_is_not_tried_with_each(code: str) -> None:
    assert not told(code).is_of_one_file


@pytest.mark.parametrize(
    ("error", "beginning", "advice"),
    [
        (aws.NoCredentialsError(), "no usable credentials", "LAMBDASCOPE_HISTORY_S3_PROFILE"),
        (aws.ProfileNotFound(profile="p"), "no usable credentials", "LAMBDASCOPE_HISTORY_S3_PROFILE"),
        (aws.EndpointConnectionError(endpoint_url="http://x"), "S3 cannot be reached", "check the network"),
        (aws.ConnectTimeoutError(endpoint_url="http://x"), "S3 cannot be reached", "check the network"),
        (aws.SSLError(endpoint_url="https://x", error="bad"), "S3 cannot be reached", "check the network"),
        (aws.InvalidRegionError(region_name="a b"), "the AWS configuration cannot be used", "AWS_REGION"),
        (ValueError("Invalid endpoint: x"), "the AWS configuration cannot be used", "LAMBDASCOPE_HISTORY_S3_ENDPOINT"),
    ],
)
def test_what_keeps_a_request_from_s3_is_told_too(error: Exception, beginning: str, advice: str) -> None:
    text = str(failure_of(error, LOCATION))
    assert text.startswith(f"s3://lake/agents: {beginning}: ")
    assert advice in text


def test_an_answer_without_anything_in_it_is_told() -> None:
    error = aws.ClientError({}, "PutObject")
    assert (
        str(failure_of(error, LOCATION)) == "s3://lake/agents: no error code: no message; the next upload tries again"
    )


def test_a_page_in_place_of_a_message_is_cut() -> None:
    assert len(str(told("502", 502, "<html>" * 10_000))) < 700


def test_braces_in_a_message_do_no_harm() -> None:
    assert "{arn} {x}" in str(told("AccessDenied", 403, "{arn} {x}"))


def test_what_is_no_failure_of_s3_is_raised_on() -> None:
    with pytest.raises(KeyError):
        failure_of(KeyError("ours"), LOCATION)

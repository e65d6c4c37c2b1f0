"""Putting files into the bucket, against a real S3 server: what counts as arrived, and what is said of what did not."""

import base64
import hashlib
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Any

import pytest
from lake_stage.faults import (
    Exchange,
    Fault,
    FaultyWay,
    answers_with,
    breaks_off,
    damages,
    hides_checksums,
    loses_the_answer,
    nothing,
    pretends,
    refuses,
)
from lake_stage.files import DAY, parquet
from lake_stage.server import BUCKET, GATEWAY, S3Server

from lambdascope_analytics.errors import LakeError
from lambdascope_analytics.store.lake.bucket import LakeBucket
from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation

NAME = f"{DAY}/a.parquet"
CLOSED = "http://127.0.0.1:1"  # nobody listens there


@pytest.fixture(autouse=True)
def _environment(credentials: pytest.MonkeyPatch) -> None:
    """Every test here has the server's credentials."""


@pytest.fixture
def opened(tmp_path: Path) -> BufferedReader:
    """A file to upload."""
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet())
    return path.open("rb")


@pytest.fixture
def put(way: FaultyWay, location: LakeLocation, opened: BufferedReader) -> Callable[..., None]:
    """Uploads the file with these faults on the way."""

    def upload(*faults: Fault, attempts: int = 1, head: tuple[Fault, ...] = (), **access: str) -> None:
        way.script["PUT"].extend(faults)
        way.script["HEAD"].extend(head)
        bucket = LakeBucket(location, LakeAccess(**{"endpoint": way.url, **access}), attempts=attempts)
        with opened:
            bucket.put(opened, NAME)

    return upload


def content_of(opened: BufferedReader) -> bytes:
    return Path(opened.name).read_bytes()


def test_a_file_is_there_as_it_was(
    put: Callable[..., None], s3: S3Server, location: LakeLocation, opened: BufferedReader, way: FaultyWay
) -> None:
    put()
    assert s3.contents(location.prefix) == {NAME: content_of(opened)}
    assert way.seen == ["PUT", "HEAD"]
    found = s3.client.head_object(Bucket=BUCKET, Key=location.key_of(NAME))
    assert found["ContentType"] == "application/vnd.apache.parquet"


def test_a_file_goes_up_again_over_itself(
    put: Callable[..., None], s3: S3Server, location: LakeLocation, opened: BufferedReader
) -> None:
    bucket = LakeBucket(location, LakeAccess(endpoint=s3.url))
    for _ in range(2):
        bucket.put(opened, NAME)
    assert s3.keys(location.prefix) == [NAME]
    opened.close()


def test_a_large_file_arrives_whole(s3: S3Server, location: LakeLocation, tmp_path: Path) -> None:
    # MiniStack takes a third of a second for each megabyte.
    content = parquet((64 if s3.is_strict else 4) << 20)
    (tmp_path / "large").write_bytes(content)
    with (tmp_path / "large").open("rb") as large:
        LakeBucket(location, LakeAccess(endpoint=s3.url)).put(large, NAME)
    assert s3.content(location.key_of(NAME)) == content


@pytest.mark.parametrize(
    "fault",
    [
        refuses(503, "SlowDown", "Please reduce your request rate."),
        refuses(503, "ServiceUnavailable"),
        refuses(500, "InternalError"),
        breaks_off,
        loses_the_answer,
    ],
)
def test_what_passes_by_itself_is_tried_again(
    put: Callable[..., None],
    fault: Fault,
    s3: S3Server,
    location: LakeLocation,
    opened: BufferedReader,
    way: FaultyWay,
) -> None:
    put(fault, attempts=3)
    assert s3.contents(location.prefix) == {NAME: content_of(opened)}
    assert way.seen == ["PUT", "PUT", "HEAD"]


def test_trying_again_has_an_end(put: Callable[..., None], way: FaultyWay) -> None:
    with pytest.raises(LakeError, match=r"SlowDown: .*S3 asks for fewer requests; the next upload tries again"):
        put(*[refuses(503, "SlowDown")] * 9, attempts=3)
    assert way.seen == ["PUT"] * 3


def test_a_file_damaged_on_the_way_is_not_taken_for_uploaded(
    put: Callable[..., None], s3: S3Server, location: LakeLocation
) -> None:
    with pytest.raises(LakeError) as failed:
        put(damages)
    assert s3.keys(location.prefix) == []
    # It says nothing of the other files.
    assert failed.value.is_of_one_file


def test_an_acknowledgement_alone_is_not_believed(put: Callable[..., None], location: LakeLocation) -> None:
    with pytest.raises(LakeError, match="is not there as it was sent") as failed:
        put(pretends)
    assert failed.value.is_of_one_file


@pytest.mark.parametrize(
    "head",
    [
        answers_with(content_length="17"),
        answers_with(x_amz_checksum_sha256="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ],
)
def test_an_object_that_is_another_is_not_taken_for_the_file(put: Callable[..., None], head: Fault) -> None:
    with pytest.raises(LakeError, match="is not there as it was sent"):
        put(head=(head,))


def test_a_server_without_checksums_is_held_to_its_etag(put: Callable[..., None], s3: S3Server) -> None:
    put(head=(hides_checksums,))


def test_a_server_without_checksums_whose_etag_is_another_does_not_have_the_file(put: Callable[..., None]) -> None:
    def with_other_etag(exchange: Exchange) -> None:
        status, headers, body = exchange.forward(exchange.body())
        kept = {n: v for n, v in headers.items() if "checksum" not in n.lower() and n.lower() != "etag"}
        exchange.answer(status, {**kept, "ETag": '"0123456789abcdef0123456789abcdef"'}, body)

    with pytest.raises(LakeError, match="is not there as it was sent"):
        put(head=(with_other_etag,))


def acknowledged_with(checksum: str) -> Fault:
    return answers_with(x_amz_checksum_sha256=checksum)


def test_a_role_that_may_only_write_is_believed_by_the_checksum_in_the_answer(
    put: Callable[..., None], opened: BufferedReader
) -> None:
    checksum = base64.b64encode(hashlib.sha256(content_of(opened)).digest()).decode()
    put(acknowledged_with(checksum), head=(refuses(403, "AccessDenied"),))


def test_a_role_that_may_only_write_is_not_believed_by_another_checksum(put: Callable[..., None]) -> None:
    with pytest.raises(LakeError, match="is not there as it was sent"):
        put(acknowledged_with("A" * 43 + "="), head=(refuses(403, "AccessDenied"),))


def test_a_key_is_asked_for_with_every_object(put: Callable[..., None], s3: S3Server, way: FaultyWay) -> None:
    seen: list[dict[str, str]] = []

    def looks(exchange: Exchange) -> None:
        seen.append(exchange.headers)
        nothing(exchange)

    put(looks, kms_key="alias/history")
    assert seen[0]["x-amz-server-side-encryption"] == "aws:kms"
    assert seen[0]["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/history"


def test_without_a_key_the_bucket_decides_on_encryption(put: Callable[..., None]) -> None:
    seen: list[dict[str, str]] = []

    def looks(exchange: Exchange) -> None:
        seen.append(exchange.headers)
        nothing(exchange)

    put(looks)
    assert [name for name in seen[0] if "encryption" in name] == []


def test_an_endpoint_with_a_name_is_addressed_by_path(location: LakeLocation, s3: S3Server, tmp_path: Path) -> None:
    # lake.localhost is no host: servers of one's own rarely have a name for each bucket.
    (tmp_path / "a").write_bytes(parquet())
    with (tmp_path / "a").open("rb") as opened:
        LakeBucket(location, LakeAccess(endpoint=f"http://localhost:{s3.port}")).put(opened, NAME)
    assert s3.keys(location.prefix) == [NAME]


def test_the_endpoint_is_also_taken_from_where_boto3_looks(
    location: LakeLocation, s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.url)
    (tmp_path / "a").write_bytes(parquet())
    with (tmp_path / "a").open("rb") as opened:
        LakeBucket(location, LakeAccess()).put(opened, NAME)
    assert s3.keys(location.prefix) == [NAME]


def test_a_bucket_that_does_not_exist_is_named(s3: S3Server, opened: BufferedReader) -> None:
    bucket = LakeBucket(LakeLocation(bucket="no-such-bucket", prefix="a"), LakeAccess(endpoint=s3.url))
    with opened, pytest.raises(LakeError) as failed:
        bucket.put(opened, NAME)
    assert str(failed.value).startswith("s3://no-such-bucket/a: NoSuchBucket: ")
    assert str(failed.value).endswith("; create the bucket or correct LAMBDASCOPE_HISTORY_S3")
    assert not failed.value.is_of_one_file


@pytest.mark.skipif(
    not GATEWAY.exists(), reason="MiniStack checks no signatures; tests/s3.sh installs a server that does"
)
def test_a_wrong_secret_is_told_from_other_failures(
    s3: S3Server, location: LakeLocation, opened: BufferedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with opened, pytest.raises(LakeError, match=r"SignatureDoesNotMatch: .*check the AWS credentials"):
        LakeBucket(location, LakeAccess(endpoint=s3.url)).put(opened, NAME)


def test_no_credentials_at_all_are_told(
    put: Callable[..., None], way: FaultyWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(LakeError, match=r"no usable credentials: .*LAMBDASCOPE_HISTORY_S3_PROFILE"):
        put()
    assert way.seen == []


def test_a_profile_that_does_not_exist_is_named(put: Callable[..., None]) -> None:
    with pytest.raises(LakeError, match=r"no usable credentials: .*\(team-x\).*LAMBDASCOPE_HISTORY_S3_PROFILE"):
        put(profile="team-x")


def test_a_server_that_is_not_there_is_told_with_its_address(put: Callable[..., None]) -> None:
    with pytest.raises(LakeError, match=f"S3 cannot be reached: .*{CLOSED}.*; check the network") as failed:
        put(endpoint=CLOSED)
    assert not failed.value.is_of_one_file


def test_a_defect_of_ours_is_not_taken_for_one_of_s3(location: LakeLocation) -> None:
    nonsense: Any = object()
    with pytest.raises(AttributeError):
        LakeBucket(location, LakeAccess()).put(nonsense, NAME)

"""Puts files into the lake's bucket and makes sure that they arrived whole; the only place here that imports boto3."""

import base64
import hashlib
import os
from io import BufferedReader
from typing import Any, Final

from lambdascope_analytics.errors import LakeError
from lambdascope_analytics.store.lake.failures import failure_of
from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation

_CONTENT_TYPE: Final = "application/vnd.apache.parquet"
# With botocore's growing pauses about half a minute for one file, then the next run tries again.
_ATTEMPTS: Final = 6


class LakeBucket:
    """The bucket of the lake. A file goes in one PutObject: it is there whole or not at all, also after a kill."""

    def __init__(self, location: LakeLocation, access: LakeAccess, *, attempts: int = _ATTEMPTS) -> None:
        self.location: Final = location
        self._access = access
        self._attempts = attempts
        self._client: Any = None

    def put(self, opened: BufferedReader, name: str) -> None:
        """Upload the open file as `name` below the prefix, replacing what is there.

        Raises:
            LakeError: S3 does not have it whole, as far as we know.
        """
        try:
            self._put(opened, {"Bucket": self.location.bucket, "Key": self.location.key_of(name)})
        except Exception as error:
            raise failure_of(error, self.location) from error

    def _put(self, opened: BufferedReader, target: dict[str, str]) -> None:
        client = self._made_client()
        size = opened.seek(0, os.SEEK_END)
        opened.seek(0)
        sha256 = base64.b64encode(hashlib.file_digest(opened, "sha256").digest()).decode()
        opened.seek(0)
        # S3 refuses a body that does not have this checksum. Naming the algorithm too makes other servers look.
        checksum = {"ChecksumSHA256": sha256, "ChecksumAlgorithm": "SHA256"}
        answer = client.put_object(**target, Body=opened, ContentType=_CONTENT_TYPE, **checksum, **self._encryption())
        if not self._is_there(target, size, sha256, opened, answer):
            raise LakeError(
                f"{self.location}: {target['Key']} is not there as it was sent; the next upload sends it again",
                is_of_one_file=True,
            )

    def _is_there(self, target: dict[str, str], size: int, sha256: str, opened: BufferedReader, answer: Any) -> bool:
        from botocore.exceptions import ClientError

        try:
            found = self._client.head_object(**target, ChecksumMode="ENABLED")
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            # A role that may only write cannot look; then the checksum in the answer to the upload has to do.
            if status == 403:
                return answer.get("ChecksumSHA256") == sha256
            if status == 404:
                return False
            raise
        if "ChecksumSHA256" in found:
            return found["ContentLength"] == size and found["ChecksumSHA256"] == sha256
        return found["ContentLength"] == size and found["ETag"].strip('"') == _md5(opened)

    def _encryption(self) -> dict[str, str]:
        key = self._access.kms_key
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}

    def _made_client(self) -> Any:
        if self._client is None:
            import boto3
            from botocore.config import Config

            retries: Any = {"mode": "standard", "total_max_attempts": self._attempts}
            session: Any = boto3.Session(
                profile_name=self._access.profile or None, region_name=self._access.region or None
            )
            self._client = session.client(
                "s3",
                endpoint_url=self._access.endpoint or None,
                config=Config(connect_timeout=10, read_timeout=60, retries=retries, tcp_keepalive=True),
            )
        return self._client


def _md5(opened: BufferedReader) -> str:
    opened.seek(0)
    return hashlib.file_digest(opened, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()

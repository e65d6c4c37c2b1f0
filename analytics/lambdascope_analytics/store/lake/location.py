"""Where the lake is: `s3://bucket/prefix`, checked, and how to reach it."""

import re
from dataclasses import dataclass
from typing import Final

SCHEME: Final = "s3://"
# Older names in us-east-1 may hold more; AWS has refused to make such since 2018.
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# What S3 calls safe, and "=" for partitions; a reader takes * ? [ for patterns.
_PART: Final = re.compile(r"[A-Za-z0-9!_.'()=-]+")
# A key has 1,024 bytes; this leaves room for the kind, the date and the longest name of a file.
_LONGEST_PREFIX: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeLocation:
    """A bucket and the prefix under which the lake lies; the prefix has no slash at its ends and may be empty."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")

    def key_of(self, name: str) -> str:
        """Return the key of an outbox file, `name` being its path within the outbox."""
        return f"{self.prefix}/{name}" if self.prefix else name


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeAccess:
    """How the lake is reached; what is empty is left to boto3, and the key to the bucket's default encryption."""

    endpoint: str = ""
    region: str = ""
    profile: str = ""
    kms_key: str = ""


def read_location(url: str) -> LakeLocation:
    """Return the location that `url` names.

    Raises:
        ValueError: it is not of the form `s3://bucket/prefix`; the text says what is wrong with it.
    """
    text = url.strip()
    if not text.startswith(SCHEME):
        raise ValueError("use the form s3://bucket/prefix")
    bucket, _, prefix = text.removeprefix(SCHEME).partition("/")
    if not _BUCKET.fullmatch(bucket) or ".." in bucket:
        raise ValueError(f"{bucket!r} is no bucket name: use 3 to 63 of a-z, 0-9, - and ., as in s3://bucket/prefix")
    prefix = prefix.rstrip("/")
    if len(prefix) > _LONGEST_PREFIX:
        raise ValueError(f"the prefix is longer than {_LONGEST_PREFIX} characters")
    for part in prefix.split("/") if prefix else ():
        if not _PART.fullmatch(part) or part in {".", ".."}:
            raise ValueError(f"{part!r} cannot be part of the prefix: use letters, digits and - _ . = ! ' ( )")
    return LakeLocation(bucket=bucket, prefix=prefix)

"""The uploader's process: `python -m lambdascope_analytics.store.lake DIRECTORY s3://bucket/prefix [options]`."""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from lambdascope_analytics.store.lake.bucket import LakeBucket
from lambdascope_analytics.store.lake.location import LakeAccess, read_location
from lambdascope_analytics.store.lake.uploader import upload_outbox


def main(arguments: list[str]) -> int:
    """Upload what waits; the exit code says whether all of it is in the lake, lines on stderr what is not and why."""
    options = _parser().parse_args(arguments)
    # Compose files hand on what is not set as an empty variable, and botocore takes that for a nameless profile.
    for name in [name for name, value in os.environ.items() if name.startswith("AWS_") and not value]:
        del os.environ[name]
    access = LakeAccess(
        endpoint=options.endpoint, region=options.region, profile=options.profile, kms_key=options.kms_key
    )
    try:
        done = upload_outbox(options.directory, LakeBucket(options.location, access), lambda: datetime.now(UTC))
    except BlockingIOError:
        return 0  # the one at work takes all that waits
    except OSError as error:
        sys.stderr.write(f"{options.directory}: {error}\n")
        return 1
    sys.stderr.writelines(f"{error}\n" for error in done.errors)
    return 1 if done.errors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lambdascope_analytics.store.lake", description=__doc__)
    parser.add_argument("directory", type=Path, help="the history")
    parser.add_argument("location", type=read_location, help="s3://bucket/prefix")
    for option, meaning in (
        ("--endpoint", "URL of an S3 server other than AWS's"),
        ("--region", "region of the bucket"),
        ("--profile", "AWS profile"),
        ("--kms-key", "KMS key for the objects"),
    ):
        parser.add_argument(option, default="", help=meaning)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Where the lake is: what is taken for a bucket and a prefix, and what is refused before anything is sent."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.store.lake.location import LakeLocation, read_location

BUCKETS = st.from_regex(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", fullmatch=True)
PARTS = st.from_regex(r"[A-Za-z0-9_=-][A-Za-z0-9!_.'()=-]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://lake", "lake", ""),
        ("s3://lake/", "lake", ""),
        (" s3://lake/agents/ ", "lake", "agents"),
        ("s3://my.lake-1/env=prod/agents", "my.lake-1", "env=prod/agents"),
    ],
)
def test_a_bucket_and_a_prefix_are_told_apart(url: str, bucket: str, prefix: str) -> None:
    assert read_location(url) == LakeLocation(bucket=bucket, prefix=prefix)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "use the form s3://bucket/prefix"),
        ("lake/agents", "use the form s3://bucket/prefix"),
        ("s3:/lake/agents", "use the form s3://bucket/prefix"),
        ("S3://lake/agents", "use the form s3://bucket/prefix"),
        ("s3a://lake/agents", "use the form s3://bucket/prefix"),
        ("https://lake.s3.amazonaws.com/agents", "use the form s3://bucket/prefix"),
        ("s3://", "'' is no bucket name"),
        ("s3:///agents", "'' is no bucket name"),
        ("s3://la", "'la' is no bucket name"),
        ("s3://Lake/agents", "'Lake' is no bucket name"),
        ("s3://lake..one/agents", "'lake..one' is no bucket name"),
        ("s3://key:secret@lake/agents", "is no bucket name"),
        ("s3://lake?region=eu-west-1", "is no bucket name"),
        ("s3://lake/a//b", "'' cannot be part of the prefix"),
        ("s3://lake//a", "'' cannot be part of the prefix"),
        ("s3://lake/a/../b", "'..' cannot be part of the prefix"),
        ("s3://lake/a b", "'a b' cannot be part of the prefix"),
        ("s3://lake/a*", "'a*' cannot be part of the prefix"),
        ("s3://lake/a\nb", "cannot be part of the prefix"),
        ("s3://lake/a?versionId=1", "cannot be part of the prefix"),
        ("s3://lake/" + "a" * 513, "longer than 512"),
    ],
)
def test_what_names_no_place_in_s3_is_refused_with_its_reason(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        read_location(url)


@given(BUCKETS, st.lists(PARTS, max_size=4))
def test_a_location_reads_back_from_its_own_text(bucket: str, parts: list[str]) -> None:
    location = LakeLocation(bucket=bucket, prefix="/".join(parts))
    assert read_location(str(location)) == location


@given(st.text(max_size=60))
def test_any_text_is_a_location_or_a_value_error(text: str) -> None:
    # A reader of settings turns a ValueError into a message; anything else would be a traceback.
    try:
        location = read_location(f"s3://{text}")
    except ValueError:
        return
    assert read_location(str(location)) == location


def test_a_key_is_the_prefix_and_the_name_without_doubled_slashes() -> None:
    name = "calls/date=2026-11-20/a.parquet"
    assert read_location("s3://lake/agents/").key_of(name) == f"agents/{name}"
    assert read_location("s3://lake").key_of(name) == name

"""The ways to name a function."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.function_name import REGION_PATTERN, FunctionName, full_name, guessed_name, read_function_name
from lambdascope_proxy.selection import Function

ARN = "arn:aws:lambda:eu-west-1:222222222222:function:orders"
FULL = FunctionName(name="orders", region="eu-west-1", account_id="222222222222")


@pytest.mark.parametrize(
    ("text", "region", "named"),
    [
        ("orders", None, FunctionName(name="orders")),
        ("orders", "eu-west-1", FunctionName(name="orders", region="eu-west-1")),
        ("eu-west-1:orders", None, FunctionName(name="orders", region="eu-west-1")),
        ("eu-west-1:orders", "eu-west-1", FunctionName(name="orders", region="eu-west-1")),
        ("222222222222:eu-west-1:orders", None, FULL),
        (ARN, None, FULL),
        (ARN.replace("arn:aws:", "arn:aws-us-gov:"), "eu-west-1", FULL),
        # Not ours: refused later as the plain names they are not.
        ("orders:live", None, FunctionName(name="orders:live")),
        ("2222:eu-west-1:orders", None, FunctionName(name="2222:eu-west-1:orders")),
        ("arn:aws:s3:eu-west-1:222222222222:function:orders", None, None),
        ("", None, FunctionName(name="")),
    ],
)
def test_a_name_is_taken_apart(text: str, region: str | None, named: FunctionName | None) -> None:
    assert read_function_name(text, region) == (named or FunctionName(name=text))


def test_two_regions_are_refused() -> None:
    with pytest.raises(CallFailed, match="is in eu-west-1, but region is 'us-east-1'"):
        read_function_name("eu-west-1:orders", "us-east-1")


@pytest.mark.parametrize("text", [f"{ARN}:live", "eu-west-1:orders:live", "222222222222:eu-west-1:orders:live"])
def test_a_qualifier_in_the_name_is_shown_where_it_goes(text: str) -> None:
    with pytest.raises(CallFailed) as failed:
        read_function_name(text)
    assert "'orders' as the name and 'live' as qualifier" in failed.value.failure.hint


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"function_name": ARN}, FULL),
        ({"function_name": f"{ARN}:live"}, FunctionName(name=f"{ARN}:live")),
        ({"function_name": ARN, "region": "us-east-1"}, FunctionName(name=ARN, region="us-east-1")),
        ({"function_name": 7, "region": ["x"]}, FunctionName(name="")),
        ({"function_name": "x" * 1000}, FunctionName(name="x" * 256)),
        ({}, FunctionName(name="")),
    ],
)
def test_unchecked_arguments_name_what_can_be_read_of_them(arguments: dict[str, Any], named: FunctionName) -> None:
    assert guessed_name(arguments) == named


def test_the_full_name_leads_back_to_the_function(function_of: Callable[..., Function]) -> None:
    function = function_of("orders")
    named = read_function_name(full_name(function))
    assert (named.name, named.region, named.account_id) == ("orders", function.region, function.account_id)


def test_every_region_of_aws_fits_the_pattern() -> None:
    session = Session()
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("lambda", partition):
            assert re.fullmatch(REGION_PATTERN, region), region


@given(st.text() | st.from_regex(r"(\d{12}:)?[a-z]{2}-[a-z]+-\d:[a-z:]+", fullmatch=True))
def test_no_text_is_more_than_a_name_or_a_refusal(text: str) -> None:
    try:
        named = read_function_name(text)
    except CallFailed:
        return
    assert text.endswith(named.name)

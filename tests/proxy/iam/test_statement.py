"""One statement of a policy, as IAM reads it."""

import pytest

from lambdascope_proxy.iam.statement import Statement, counted_characters, literal, policy_document


def test_one_value_stands_alone_and_several_in_a_list() -> None:
    statement = Statement(sid="A", actions=("s3:GetObject",), resources=("a", "b"), purpose="", without="")
    assert statement.document() == {"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": ["a", "b"]}


def test_conditions_stand_there_only_if_there_are_some() -> None:
    when = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    statement = Statement(sid="A", actions=("a:B",), resources=("*",), conditions=when, purpose="", without="")
    assert statement.document()["Condition"] == when


def test_spaces_between_do_not_count() -> None:
    # Of `{"Version":"2012-10-17","Statement":[]}`.
    assert counted_characters(policy_document([])) == 39


@pytest.mark.parametrize(
    ("text", "safe"), [("a*", "a${*}"), ("w?t", "w${?}t"), ("${aws:x}", "${$}{aws:x}"), ("a", "a")]
)
def test_text_from_a_setting_is_never_a_pattern_or_a_variable(text: str, safe: str) -> None:
    assert literal(text) == safe

"""A function may be named in each of the forms that labels and AWS use, and no other function is meant by it."""

import pytest

from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.errors import QuestionError


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        (None, FunctionScope()),
        ("orders", FunctionScope(name="orders")),
        ("orders:7", FunctionScope(name="orders:7")),
        ("ap-south-1:orders", FunctionScope(name="orders", region="ap-south-1")),
        ("us-gov-west-1:orders", FunctionScope(name="orders", region="us-gov-west-1")),
        (
            "123456789012:ap-south-1:orders",
            FunctionScope(name="orders", region="ap-south-1", account_id="123456789012"),
        ),
        (
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:orders",
            FunctionScope(name="orders", region="cn-north-1", account_id="123456789012"),
        ),
    ],
)
def test_every_form_names_the_function_that_it_names_elsewhere(text: str | None, scope: FunctionScope) -> None:
    assert FunctionScope.of(text) == scope
    assert scope.parameters == {"function_name": scope.name, "region": scope.region, "account_id": scope.account_id}


@pytest.mark.parametrize("text", ["ap-south-1:orders:7", "arn:aws:lambda:ap-south-1:123456789012:function:orders:live"])
def test_a_version_in_the_name_is_refused_rather_than_found_nowhere(text: str) -> None:
    with pytest.raises(QuestionError, match="a version or an alias") as refused:
        FunctionScope.of(text)
    assert refused.value.field == "function_name"

"""References to variables: what is replaced, what stays, and what is refused without showing a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.upstreams.references import literal, resolve

ENVIRON = {"TOKEN": "s3cret", "EMPTY": "", "ODD": "${TOKEN}"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Bearer ${TOKEN}", "Bearer s3cret"),
        ("${TOKEN}${TOKEN}", "s3crets3cret"),
        ("${MISSING:-eu}", "eu"),
        ("${EMPTY:-eu}", "eu"),
        ("${MISSING:-}", ""),
        ("${TOKEN:-eu}", "s3cret"),
        ("$TOKEN $ {TOKEN} 5$", "$TOKEN $ {TOKEN} 5$"),
        ("$${TOKEN}", "${TOKEN}"),
        # What a variable holds is a value: a second look would make secrets with a `${` in them unusable.
        ("${ODD}", "${TOKEN}"),
    ],
)
def test_references_are_replaced_once(text: str, value: str) -> None:
    assert resolve(text, ENVIRON) == value


@pytest.mark.parametrize("name", ["MISSING", "EMPTY"])
def test_a_variable_that_is_not_set_is_named(name: str) -> None:
    # An empty token would otherwise be sent, and the refusal come from far away.
    with pytest.raises(ValueError, match=f"variable {name} is not set"):
        resolve(f"${{TOKEN}} ${{{name}}}", ENVIRON)


@pytest.mark.parametrize("text", ["${", "${}", "${1A}", "${env:TOKEN}", "${TOKEN", "a ${TO KEN}"])
def test_a_reference_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="begins a reference") as refused:
        resolve(text, ENVIRON)
    assert "s3cret" not in str(refused.value)


@given(st.text(alphabet="${}:-A ", max_size=12) | st.text())
def test_any_text_can_be_said_literally(text: str) -> None:
    assert resolve(literal(text), ENVIRON) == text

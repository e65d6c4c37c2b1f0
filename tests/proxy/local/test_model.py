"""A stage that could not exist on AWS cannot be set up."""

from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.local import LocalFunction, LocalRole


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"name": "two words"}, "not a function name"),
        ({"name": "x" * 65}, "not a function name"),
        ({"log_format": "json"}, "log_format"),
        ({"memory_mb": 64}, "memory_mb"),
        ({"timeout_s": 901}, "timeout_s"),
        ({"versions": {"one": Path()}}, "published version"),
        ({"aliases": {"live": "1"}}, "does not exist"),
    ],
)
def test_what_aws_would_refuse_is_refused(facts: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        LocalFunction(**{"name": "f", "code": Path(), **facts})


def test_a_qualifier_means_an_alias_or_a_version() -> None:
    function = LocalFunction(name="f", code=Path("c"), versions={"1": Path("one")}, aliases={"live": "1"})
    assert [function.version_of(each) for each in ("live", "1", "$LATEST", "2")] == ["1", "1", "$LATEST", None]
    assert function.code_of("1") == Path("one")


def test_a_role_that_could_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="not the ARN of a role"):
        LocalRole(arn="arn:aws:iam::222222222222:user/reader")

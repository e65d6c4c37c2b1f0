"""Texts that clients may read."""

from lambdascope_analytics.adhoc.limits import Limits
from lambdascope_proxy.resource import history_schema


def test_the_schema_is_made_when_it_is_read_and_says_the_limits_in_force() -> None:
    resource = history_schema(Limits(timeout_s=9))
    assert resource.uri == "lambdascope://history/schema"
    assert "9 s and" in resource.read()
    assert resource.read() == resource.read()

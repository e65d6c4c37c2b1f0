"""Which values of an upstream's settings are masked wherever they turn up."""

from lambdascope_proxy.upstreams.known_secrets import known_secrets
from lambdascope_proxy.upstreams.spec import Upstream


def test_what_a_name_says_to_be_secret_is_and_the_rest_is_not() -> None:
    """A home directory that was masked everywhere would make every message unreadable."""
    stdio = Upstream(
        name="a",
        command=("server", "--api-key", "opaque-value-1", "--root", "/home/somebody"),
        env={"GITHUB_TOKEN": "opaque-value-2", "HOME": "/home/somebody", "PIN_CODE": "1234"},
    )
    http = Upstream(
        name="b",
        url="https://user:opaque-value-3@example.com/mcp?token=opaque-value-4",
        headers={"Authorization": "Bearer opaque-value-5", "X-Region": "eu-central-1"},
    )
    values = known_secrets([stdio, http])
    assert {f"opaque-value-{number}" for number in (1, 2, 3, 5)} <= values
    assert any("opaque-value-4" in value for value in values)
    assert not values & {"/home/somebody", "eu-central-1", "1234", "server", "user"}


def test_without_upstreams_there_are_none() -> None:
    assert known_secrets([]) == frozenset()

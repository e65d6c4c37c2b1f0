import pytest

from lambdascope_proxy.access.addresses import is_loopback, is_named, is_safe_url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
def test_loopback_is_what_only_this_machine_reaches(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com", ""])
def test_everything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://auth.example.com/realm", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080/x", True),
        ("http://auth.example.com", False),
        ("http://127.0.0.1@auth.example.com", False),
        ("ftp://localhost/keys", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_keys_come_over_https_or_from_this_machine(url: str, is_safe: bool) -> None:
    assert is_safe_url(url) is is_safe


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("localhost", True),
        ("localhost:3000", True),
        ("[::1]:3000", True),
        ("a.example", True),
        ("a.example:1", False),
        ("localhost:x.evil.example", False),
        ("localhost:evil", False),
        ("localhost:", False),
        ("evil.example:3000", False),
        ("", False),
    ],
)
def test_a_host_is_one_of_the_names_with_a_port_only_where_any_port_is_allowed(host: str, is_one: bool) -> None:
    assert is_named(host, ["localhost", "localhost:*", "[::1]:*", "a.example"]) is is_one

"""Settings under which strangers could come in, or nobody could."""

import pytest

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import load_settings

OAUTH = {
    "LAMBDASCOPE_OAUTH_ISSUER": "https://auth.example.com",
    "LAMBDASCOPE_OAUTH_AUDIENCE": "https://mcp.example.com/mcp",
}
BEYOND = {"LAMBDASCOPE_HOST": "0.0.0.0", "LAMBDASCOPE_ALLOWED_HOSTS": "mcp.example.com"}


def test_beyond_loopback_somebody_must_be_asked_who_they_are_unless_it_is_said_twice() -> None:
    with pytest.raises(SettingsError, match="anybody who reaches it could call your functions"):
        load_settings(BEYOND)
    for enough in (OAUTH, {"LAMBDASCOPE_API_KEYS_FILE": "keys"}, {"LAMBDASCOPE_ALLOW_UNAUTHENTICATED": "true"}):
        assert load_settings({**BEYOND, **enough}).host == "0.0.0.0"


def test_being_told_once_is_not_enough() -> None:
    with pytest.raises(SettingsError, match="LAMBDASCOPE_ALLOWED_HOSTS"):
        load_settings({"LAMBDASCOPE_HOST": "0.0.0.0", "LAMBDASCOPE_ALLOW_UNAUTHENTICATED": "true"})


@pytest.mark.parametrize("alone", OAUTH)
def test_issuer_and_audience_go_together(alone: str) -> None:
    with pytest.raises(SettingsError, match="go together"):
        load_settings({alone: OAUTH[alone]})


@pytest.mark.parametrize(
    "extra", [{"LAMBDASCOPE_OAUTH_JWKS_URL": "https://a.example/keys"}, {"LAMBDASCOPE_OAUTH_SCOPES": "tools"}]
)
def test_what_belongs_to_oauth_needs_its_issuer(extra: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="need LAMBDASCOPE_OAUTH_ISSUER"):
        load_settings(extra)
    assert load_settings({**OAUTH, **extra})


@pytest.mark.parametrize("variable", ["LAMBDASCOPE_OAUTH_ISSUER", "LAMBDASCOPE_OAUTH_JWKS_URL"])
def test_keys_are_not_fetched_over_plain_http_but_from_this_machine(variable: str) -> None:
    with pytest.raises(SettingsError, match="use HTTPS"):
        load_settings({**OAUTH, variable: "http://auth.example.com"})
    assert load_settings({**OAUTH, variable: "http://127.0.0.1:8080"})


def test_rules_without_anybody_to_hold_to_them_are_refused() -> None:
    with pytest.raises(SettingsError, match="nobody is asked who they are"):
        load_settings({"LAMBDASCOPE_ACCESS_FILE": "access.toml"})
    assert load_settings({**OAUTH, "LAMBDASCOPE_ACCESS_FILE": "access.toml"}).access_file == "access.toml"


def test_scopes_are_separated_by_commas_or_spaces() -> None:
    assert load_settings({**OAUTH, "LAMBDASCOPE_OAUTH_SCOPES": "a b, c"}).oauth_scopes == {"a", "b", "c"}

"""Refuses settings under which strangers could come in, or nobody could. Pure."""

from typing import TYPE_CHECKING

from lambdascope_proxy.access.addresses import is_loopback, is_safe_url
from lambdascope_proxy.errors import SettingsError

if TYPE_CHECKING:
    from lambdascope_proxy.settings import Settings


def asks_who_calls(settings: "Settings") -> bool:
    """Whether callers over HTTP must show a token."""
    return bool(settings.oauth_issuer or settings.api_keys_file)


def check_access(settings: "Settings") -> None:
    """Raises: SettingsError that names the settings to change."""
    _check_oauth(settings)
    if settings.access_file and not asks_who_calls(settings):
        raise SettingsError(
            "LAMBDASCOPE_ACCESS_FILE says who may call what, but nobody is asked who they are: also set "
            "LAMBDASCOPE_API_KEYS_FILE or LAMBDASCOPE_OAUTH_ISSUER"
        )
    if is_loopback(settings.host):
        return
    if not settings.allowed_hosts:
        raise SettingsError(
            f"LAMBDASCOPE_HOST={settings.host} is not loopback: also set LAMBDASCOPE_ALLOWED_HOSTS to the host names "
            "clients use, which protects against DNS rebinding"
        )
    if not (asks_who_calls(settings) or settings.allow_unauthenticated):
        raise SettingsError(
            f"LAMBDASCOPE_HOST={settings.host} is not loopback, and anybody who reaches it could call your functions: "
            "set LAMBDASCOPE_API_KEYS_FILE or LAMBDASCOPE_OAUTH_ISSUER, or, if something in front of it lets only the "
            "right ones through, LAMBDASCOPE_ALLOW_UNAUTHENTICATED=true"
        )


def _check_oauth(settings: "Settings") -> None:
    if bool(settings.oauth_issuer) != bool(settings.oauth_audience):
        raise SettingsError(
            "LAMBDASCOPE_OAUTH_ISSUER and LAMBDASCOPE_OAUTH_AUDIENCE go together: a token for another resource would "
            "be as good as one for this"
        )
    if (settings.oauth_jwks_url or settings.oauth_scopes) and not settings.oauth_issuer:
        raise SettingsError("LAMBDASCOPE_OAUTH_JWKS_URL and _SCOPES need LAMBDASCOPE_OAUTH_ISSUER itself")
    for variable, url in (("ISSUER", settings.oauth_issuer), ("JWKS_URL", settings.oauth_jwks_url)):
        if url and not is_safe_url(url):
            raise SettingsError(
                f"LAMBDASCOPE_OAUTH_{variable}={url}: use HTTPS; over plain HTTP anybody on the way could put in keys "
                "of their own"
            )

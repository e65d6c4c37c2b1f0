"""Builds what stands at the door of Streamable HTTP, and the rules callers are held to."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.access.access import Access
from lambdascope_proxy.access.addresses import is_loopback
from lambdascope_proxy.access.api_keys import KeyEntry, read_keys
from lambdascope_proxy.access.checks import asks_who_calls
from lambdascope_proxy.access.rules import NOBODY, Rules, read_rules
from lambdascope_proxy.access.watched import FileUnusable, Watched
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import Settings

if TYPE_CHECKING:
    from lambdascope_proxy.access.key_set import KeySet
    from lambdascope_proxy.access.verifier import OAuthTokens, Verifier

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who checks tokens, and what the OAuth side of it says of itself; empty without OAuth."""

    verifier: "Verifier"
    issuer: str = ""
    resource: str = ""
    required_scopes: tuple[str, ...] = field(default=())


def build_entry(settings: Settings) -> Entry | None:
    """The door, or None where nobody is asked. Raises: SettingsError for a keys file that cannot be used."""
    if not asks_who_calls(settings):
        if not is_loopback(settings.host):
            log.warning("nobody is asked who they are: whoever reaches %s may call what is allowed", settings.host)
        elif beyond := sorted(name for name in settings.allowed_hosts if not is_loopback(_without_port(name))):
            log.warning(
                "nobody is asked who they are, and %s is no name of this machine alone: whoever reaches what stands in "
                "front may call what is allowed",
                beyond[0],
            )
        return None
    from lambdascope_proxy.access.verifier import Verifier

    oauth = _oauth(settings)
    return Entry(
        verifier=Verifier(oauth, _keys(settings)),
        issuer=settings.oauth_issuer,
        resource=settings.oauth_audience,
        required_scopes=oauth.required_scopes if oauth else (),
    )


def _without_port(host: str) -> str:
    """The host of a Host header's pattern."""
    name, _, port = host.rpartition(":")
    return (name if name and (port == "*" or port.isdecimal()) and not host.endswith("]") else host).strip("[]")


def build_access(settings: Settings) -> Access | None:
    """The rules callers are held to, or None where all may all. Raises: SettingsError for a file that is refused."""
    if not settings.access_file:
        return None
    rules: Watched[Rules] = Watched(Path(settings.access_file).expanduser(), read_rules, NOBODY)
    _load(rules, "LAMBDASCOPE_ACCESS_FILE")
    return Access(lambda: rules.value)


def _keys(settings: Settings) -> Callable[[], tuple[KeyEntry, ...]]:
    if not settings.api_keys_file:
        return tuple
    keys: Watched[tuple[KeyEntry, ...]] = Watched(Path(settings.api_keys_file).expanduser(), read_keys, ())
    _load(keys, "LAMBDASCOPE_API_KEYS_FILE")
    return lambda: keys.value


def _load(file: Watched[Any], variable: str) -> None:
    try:
        file.load()
    except (FileUnusable, ValueError) as error:
        raise SettingsError(f"{variable}: {error}") from error


def _oauth(settings: Settings) -> "OAuthTokens | None":
    if not settings.oauth_issuer:
        return None
    # Not with the rest: cryptography takes a tenth of a second, which stdio need not wait for.
    from lambdascope_proxy.access.key_ring import KeyRing
    from lambdascope_proxy.access.key_server import KeyServer
    from lambdascope_proxy.access.tokens import TokenRules
    from lambdascope_proxy.access.verifier import OAuthTokens

    fetch: Callable[[], Awaitable[KeySet]] = KeyServer(issuer=settings.oauth_issuer, url=settings.oauth_jwks_url).fetch
    rules = TokenRules(
        issuer=settings.oauth_issuer,
        audience=settings.oauth_audience,
        principal_claim=settings.oauth_principal_claim,
    )
    return OAuthTokens(ring=KeyRing(fetch), rules=rules, required_scopes=tuple(sorted(settings.oauth_scopes)))

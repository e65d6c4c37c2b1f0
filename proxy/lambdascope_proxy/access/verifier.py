"""Says who shows a bearer token: an access token of the authorization server, or an API key."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mcp.server.auth.provider import TokenVerifier

from lambdascope_proxy.access.api_keys import PREFIX, KeyEntry, holder_of
from lambdascope_proxy.access.entrant import Entrant
from lambdascope_proxy.access.key_ring import KeyRing
from lambdascope_proxy.access.tokens import (
    KEY_PRINCIPAL,
    LEEWAY_S,
    NOT_VALID,
    TokenRefused,
    TokenRules,
    key_named_by,
    read_token,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthTokens:
    """How access tokens are checked."""

    ring: KeyRing
    rules: TokenRules
    required_scopes: tuple[str, ...]


class Verifier(TokenVerifier):
    """Access tokens, API keys, or both; a prefix tells them apart."""

    def __init__(self, oauth: OAuthTokens | None, keys: Callable[[], Sequence[KeyEntry]]) -> None:
        self._oauth = oauth
        self._keys = keys

    async def verify_token(self, token: str) -> Entrant:
        """Who shows it. Raises: TokenRefused, KeysUnavailable; never answers None, which would give no reason."""
        try:
            return self._by_key(token) if token.startswith(PREFIX) else await self._by_token(token)
        except TokenRefused as refused:
            log.info("nobody is let in: %s", refused)
            raise

    def _by_key(self, token: str) -> Entrant:
        name = holder_of(token, self._keys())
        if name is None:
            raise TokenRefused("the API key is not known, or no longer")
        principal = KEY_PRINCIPAL + name
        required = list(self._oauth.required_scopes) if self._oauth else []
        resource = self._oauth.rules.audience if self._oauth else None
        return Entrant(token="", client_id=principal, scopes=required, principal=principal, resource=resource)

    async def _by_token(self, token: str) -> Entrant:
        if self._oauth is None:
            raise TokenRefused("the API key is not known, or no longer")
        key_id, algorithm = key_named_by(token)
        key = await self._oauth.ring.find(key_id, algorithm)
        if key is None:
            raise TokenRefused(f"{NOT_VALID}: its key is not one of the issuer's")
        rules = self._oauth.rules
        holder = read_token(token, key, algorithm, rules)
        return Entrant(
            token="",
            client_id=holder.client_id,
            scopes=sorted(holder.scopes),
            granted=holder.scopes,
            # The SDK looks at the time again, without leeway.
            expires_at=holder.expires_at + LEEWAY_S,
            resource=rules.audience,
            # By which the SDK tells whose a session is: `sub` may be missing, and many users share one client.
            subject=holder.principal,
            claims={"iss": rules.issuer},
            principal=holder.principal,
        )

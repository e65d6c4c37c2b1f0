"""Checks an access token (JWT, RFC 9068) against one key and says who holds it. Pure but for the time of day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import jwt
from jwt import PyJWK

from lambdascope_proxy.access.key_set import ALGORITHMS

MOST_CHARS: Final = 16_384
LEEWAY_S: Final = 30
MOST_PRINCIPAL_CHARS: Final = 256
KEY_PRINCIPAL: Final = "key:"
CLIENT_PRINCIPAL: Final = "client:"
# What issuers write into `typ` of an access token; other words name tokens that are for something else.
_TYPES: Final = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
_REASONS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (jwt.ExpiredSignatureError, "the access token has expired"),
    (jwt.ImmatureSignatureError, "the access token is not valid yet"),
    (jwt.InvalidAudienceError, "the access token is for another resource"),
    (jwt.InvalidIssuerError, "the access token is from another issuer"),
    (jwt.MissingRequiredClaimError, "the access token lacks one of exp, iss and aud"),
)
NOT_VALID: Final = "the access token is not valid"


class TokenRefused(Exception):
    """What was shown lets nobody in; the message may be told to whoever showed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What a token must say: from whom, for which resource; and which claim names its holder."""

    issuer: str
    audience: str
    principal_claim: str = "sub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What a good token says of who holds it. Times in seconds since 1970."""

    principal: str
    scopes: frozenset[str]
    expires_at: int
    client_id: str


def key_named_by(token: str) -> tuple[str | None, str]:
    """The key id and the algorithm that a token's header names, neither of them proven. Raises: TokenRefused."""
    if len(token) > MOST_CHARS:
        raise TokenRefused(f"the access token has more than {MOST_CHARS} characters")
    try:
        header = jwt.get_unverified_header(token)
    except Exception as error:  # whatever a stranger's bytes make a parser raise refuses them
        raise TokenRefused("the access token is no JSON Web Token") from error
    algorithm, kind = header.get("alg"), header.get("typ")
    if algorithm not in ALGORITHMS:
        raise TokenRefused(f"the access token must be signed with one of {', '.join(ALGORITHMS)}")
    if not (kind is None or (isinstance(kind, str) and kind.lower() in _TYPES)):
        raise TokenRefused("this is a token of another kind, not an access token")
    return header.get("kid"), algorithm


def read_token(token: str, key: PyJWK, algorithm: str, rules: TokenRules) -> Holder:
    """Who holds the token. Raises: TokenRefused with the reason."""
    slash_aside = rules.audience.removesuffix("/")
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=rules.issuer,
            audience=[slash_aside, f"{slash_aside}/"],
            leeway=LEEWAY_S,
            options={"require": ["exp", "iss", "aud"]},
        )
        return _holder(claims, rules.principal_claim)
    except TokenRefused:
        raise
    except Exception as error:  # as above
        reason = next((words for kind, words in _REASONS if isinstance(error, kind)), NOT_VALID)
        raise TokenRefused(reason) from error


def _holder(claims: Mapping[str, Any], principal_claim: str) -> Holder:
    client_id = claims.get("client_id") or claims.get("azp") or ""
    return Holder(
        principal=_principal(claims, principal_claim, str(client_id)),
        scopes=_scopes(claims),
        expires_at=int(claims["exp"]),
        client_id=str(client_id)[:MOST_PRINCIPAL_CHARS],
    )


def _principal(claims: Mapping[str, Any], claim: str, client_id: str) -> str:
    """The holder's name, in a form that no API key and no client without a user can have too."""
    named: Any = claims.get(claim)
    if named is None and claim == "sub" and client_id:
        named = CLIENT_PRINCIPAL + client_id
    elif isinstance(named, str) and named.strip().lower().startswith((KEY_PRINCIPAL, CLIENT_PRINCIPAL)):
        raise TokenRefused(f"the claim {claim!r} of the access token begins like the name of an API key or a client")
    if not isinstance(named, str) or not _is_name(named):
        raise TokenRefused(f"the access token does not name its holder in the claim {claim!r}")
    return named


def _is_name(text: str) -> bool:
    """Whether it can be told from other names where it is read: a space at its end could not."""
    return text.isprintable() and text == text.strip() and 0 < len(text) <= MOST_PRINCIPAL_CHARS


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Of `scope` (RFC 8693), or of `scp`, as Entra ID and Okta write it; as words or as a list."""
    stated: Any = claims.get("scope", claims.get("scp", ""))
    if isinstance(stated, str):
        return frozenset(stated.split())
    listed = cast("list[Any]", stated) if isinstance(stated, list) else []
    return frozenset(word for word in listed if isinstance(word, str))

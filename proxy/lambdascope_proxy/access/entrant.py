"""Who was let in with a request: the SDK's access token, with what we know of its holder."""

from typing import Any

from mcp.server.auth.provider import AccessToken


class Entrant(AccessToken):
    """`scopes` are those the SDK demands of everybody, `granted` those the token itself carries; a key has none.

    The token itself is not kept: what nobody holds cannot get into a log.
    """

    principal: str
    granted: frozenset[str] = frozenset()


def entrant_of(request: Any) -> Entrant | None:
    """Who sent this request; None where nobody is asked who they are.

    Of the request itself: in sessions of older revisions a context variable would tell of another one.
    """
    user = request.scope.get("user") if request is not None else None
    token = getattr(user, "access_token", None)
    return token if isinstance(token, Entrant) else None

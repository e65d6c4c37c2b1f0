"""What whoever is not let in is told: RFC 6750 and RFC 9728, where the SDK's own answers say too little.

The SDK decides who comes in. This stands around it and words its refusals, so that a client knows what to do: sign in,
sign in anew, ask for a scope, or try again later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lambdascope_proxy.access.key_ring import PAUSE_S, KeysUnavailable
from lambdascope_proxy.access.tokens import TokenRefused

REALM: Final = "lambdascope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What every refusal names: where the metadata is, and the scopes that all need; empty without OAuth."""

    metadata_url: str = ""
    scopes: Sequence[str] = ()

    def response(self, status: int, error: str = "", description: str = "") -> Response:
        """A refusal; without `error` it is the plain invitation to show a token."""
        told = {
            "realm": REALM,
            "error": error,
            "error_description": description,
            "scope": " ".join(self.scopes),
            "resource_metadata": self.metadata_url,
        }
        header = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in told.items() if value)
        body = {"error": error or "unauthorized", "error_description": description or "Show a bearer token."}
        return JSONResponse(body, status, {"WWW-Authenticate": header, "Cache-Control": "no-store"})


class Door:
    """ASGI middleware around the SDK's; `open_paths` are for everybody, with or without a token."""

    def __init__(self, app: ASGIApp, challenge: Challenge, open_paths: frozenset[str]) -> None:
        self._app = app
        self._challenge = challenge
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the SDK decide, and answers for it where it refuses."""
        if scope["type"] == "websocket":
            # Nothing behind the door speaks it, and the SDK's answers to who comes so are not ours to word.
            await send({"type": "websocket.close"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] in self._open_paths:
            # A token shown where none is needed is not looked at: nobody can have keys fetched that way.
            headers = [pair for pair in scope["headers"] if pair[0].lower() != b"authorization"]
            await self._app({**scope, "headers": headers}, receive, send)
            return
        try:
            await self._app(scope, receive, _Rewording(self._challenge, scope, receive, send))
        except TokenRefused as refused:
            await self._challenge.response(401, "invalid_token", _quoted(str(refused)))(scope, receive, send)
        except KeysUnavailable:
            await _unavailable()(scope, receive, send)


class _Rewording:
    """Takes the place of `send`: the SDK's own refusals are replaced, everything else goes through."""

    def __init__(self, challenge: Challenge, scope: Scope, receive: Receive, send: Send) -> None:
        self._challenge = challenge
        self._scope, self._receive, self._send = scope, receive, send
        self._is_replaced = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and "www-authenticate" in Headers(raw=message["headers"]):
            self._is_replaced = True
            await self._refusal(message["status"])(self._scope, self._receive, self._send)
        elif not self._is_replaced:
            await self._send(message)

    def _refusal(self, status: int) -> Response:
        if status == 403:
            needed = " ".join(self._challenge.scopes)
            return self._challenge.response(403, "insufficient_scope", f"the token needs the scopes: {needed}")
        if Headers(scope=self._scope).get("authorization", "").lower().startswith("bearer "):
            return self._challenge.response(401, "invalid_token", "the token is not valid")
        # RFC 6750, section 3.1: who showed nothing is told of no error.
        return self._challenge.response(401)


def _unavailable() -> Response:
    body = {
        "error": "temporarily_unavailable",
        "error_description": "The authorization server's keys cannot be read now, so that no new token can be checked.",
    }
    return JSONResponse(body, 503, {"Retry-After": f"{PAUSE_S:.0f}", "Cache-Control": "no-store"})


def _quoted(text: str) -> str:
    """Fit for a quoted string in a header: RFC 6750 allows printable ASCII without quotes and backslashes."""
    return "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "'" for letter in text)

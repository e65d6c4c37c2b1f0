"""Fetches an authorization server's keys, at the URL given or at the one that its metadata names.

Follows no redirect, reads no more than keys can take, and takes nothing that could have been changed on the way.
"""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from lambdascope_proxy.access.addresses import is_safe_url
from lambdascope_proxy.access.key_set import KeySet, read_key_set

MOST_BYTES: Final = 262_144
TIMEOUT_S: Final = 5.0


class KeysUnreachable(Exception):
    """The keys could not be fetched, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyServer:
    """Where the keys of one issuer are; `url` is empty where its metadata says so."""

    issuer: str
    url: str = ""

    async def fetch(self) -> KeySet:
        """The keys as they are now. Raises: KeysUnreachable."""
        url = self.url or await self._url_from_metadata()
        if not is_safe_url(url):
            raise KeysUnreachable(f"{self.issuer} names {url[:200]!r} as the place of its keys, which is not HTTPS")
        document = await _get_json(url)
        try:
            return read_key_set(document)
        except ValueError as error:
            raise KeysUnreachable(f"{url}: {error}") from error

    async def _url_from_metadata(self) -> str:
        reasons: list[str] = []
        for place in metadata_urls(self.issuer):
            try:
                return self._keys_of(await _get_json(place))
            except KeysUnreachable as error:
                reasons.append(str(error))
        raise KeysUnreachable("; ".join(reasons))

    def _keys_of(self, metadata: Any) -> str:
        if not isinstance(metadata, dict) or metadata.get("issuer") != self.issuer:  # pyright: ignore[reportUnknownMemberType] -- JSON
            raise KeysUnreachable(f"the metadata found for {self.issuer} is of another issuer (compare the last slash)")
        url: object = metadata.get("jwks_uri")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] -- JSON
        if not isinstance(url, str):
            raise KeysUnreachable(f"the metadata of {self.issuer} names no jwks_uri")
        return url


def metadata_urls(issuer: str) -> tuple[str, ...]:
    """Where an issuer's metadata may be, in the order MCP clients look: RFC 8414, then OpenID Connect Discovery."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    known = (
        f"/.well-known/oauth-authorization-server{path}",
        f"/.well-known/openid-configuration{path}",
        f"{path}/.well-known/openid-configuration",
    )
    return tuple(dict.fromkeys(urlunsplit((parts.scheme, parts.netloc, place, "", "")) for place in known))


async def _get_json(url: str) -> Any:
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        # A connection of its own each time: keys are fetched every few minutes, and proxies of the environment hold.
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(url, allow_redirects=False, headers={"Accept": "application/json"}) as response,
        ):
            if response.status != 200:
                raise KeysUnreachable(f"{url} answers {response.status}")
            return json.loads(await _whole(response.content, url))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise KeysUnreachable(f"{url}: {type(error).__name__}") from error
    except (ValueError, RecursionError) as error:
        raise KeysUnreachable(f"{url} answers with something other than JSON") from error


async def _whole(content: Any, url: str) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            raise KeysUnreachable(f"{url} answers with more than {MOST_BYTES} bytes")
    return bytes(body)

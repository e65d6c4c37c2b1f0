"""Where the keys come from, and what is not taken for keys."""

import pytest
from issuing.issuer import Issuer

from lambdascope_proxy.access.key_server import MOST_BYTES, KeyServer, KeysUnreachable, metadata_urls

pytestmark = pytest.mark.anyio


def test_metadata_is_looked_for_where_both_standards_put_it() -> None:
    assert metadata_urls("https://a.example/realms/tools") == (
        "https://a.example/.well-known/oauth-authorization-server/realms/tools",
        "https://a.example/.well-known/openid-configuration/realms/tools",
        "https://a.example/realms/tools/.well-known/openid-configuration",
    )
    # An issuer may end in a slash, which belongs to its name and not to the path.
    assert metadata_urls("https://a.example/") == (
        "https://a.example/.well-known/oauth-authorization-server",
        "https://a.example/.well-known/openid-configuration",
    )


async def test_the_keys_are_where_the_metadata_says(issuer: Issuer) -> None:
    keys = await KeyServer(issuer=issuer.url).fetch()
    assert keys.find("first", "RS256")
    assert issuer.asked[-2:] == ["/.well-known/openid-configuration", "/keys"]


async def test_a_url_that_is_given_is_asked_and_nothing_else(issuer: Issuer) -> None:
    await KeyServer(issuer="https://elsewhere.example", url=f"{issuer.url}/keys").fetch()
    assert issuer.asked == ["/keys"]


async def test_metadata_of_another_issuer_is_not_followed(issuer: Issuer) -> None:
    issuer.answers["/.well-known/openid-configuration"] = {"issuer": "https://x", "jwks_uri": f"{issuer.url}/keys"}
    with pytest.raises(KeysUnreachable, match="another issuer"):
        await KeyServer(issuer=issuer.url).fetch()
    assert "/keys" not in issuer.asked


@pytest.mark.parametrize("uri", ["http://keys.example/", "file:///etc/passwd", 7, None])
async def test_metadata_cannot_lead_to_keys_that_anybody_on_the_way_could_change(issuer: Issuer, uri: object) -> None:
    issuer.answers["/.well-known/openid-configuration"] = {"issuer": issuer.url, "jwks_uri": uri}
    with pytest.raises(KeysUnreachable, match=r"not HTTPS|no jwks_uri"):
        await KeyServer(issuer=issuer.url).fetch()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"<html>", "other than JSON"),
        (b"[" * 50_000, "other than JSON"),
        (b" " * (MOST_BYTES + 1), "more than"),
        ("/elsewhere", "answers 302"),
        ({"keys": []}, "no public key"),
        ([], "no JSON Web Key Set"),
    ],
)
async def test_what_is_no_key_set_is_told_by_its_reason(issuer: Issuer, answer: object, reason: str) -> None:
    issuer.answers["/keys"] = answer
    with pytest.raises(KeysUnreachable, match=reason):
        await KeyServer(issuer=issuer.url).fetch()
    assert "/elsewhere" not in issuer.asked


async def test_a_server_that_is_down_or_fails_is_told(issuer: Issuer) -> None:
    issuer.is_down = True
    with pytest.raises(KeysUnreachable, match="503"):
        await KeyServer(issuer=issuer.url, url=f"{issuer.url}/keys").fetch()
    with pytest.raises(KeysUnreachable, match="ClientConnect"):
        await KeyServer(issuer="https://x.example", url="http://127.0.0.1:1/keys").fetch()

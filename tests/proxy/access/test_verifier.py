"""Who is let in with what they show, and that nothing of it is kept."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from issuing.issuer import AUDIENCE, Issuer, jwk_of
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, authorization_context

from lambdascope_proxy.access.api_keys import KeyEntry, line_of, new_key, read_keys
from lambdascope_proxy.access.entrant import Entrant, entrant_of
from lambdascope_proxy.access.key_ring import KeyRing, KeysUnavailable
from lambdascope_proxy.access.key_server import KeyServer
from lambdascope_proxy.access.tokens import TokenRefused, TokenRules
from lambdascope_proxy.access.verifier import OAuthTokens, Verifier

pytestmark = pytest.mark.anyio
KEY = new_key()


def verifier(issuer: Issuer | None, entries: tuple[KeyEntry, ...] = (), claim: str = "sub") -> Verifier:
    oauth = None
    if issuer:
        ring = KeyRing(KeyServer(issuer=issuer.url).fetch)
        rules = TokenRules(issuer=issuer.url, audience=AUDIENCE, principal_claim=claim)
        oauth = OAuthTokens(ring=ring, rules=rules, required_scopes=("tools",))
    return Verifier(oauth, lambda: entries)


async def test_a_token_of_the_issuer_lets_its_holder_in(issuer: Issuer) -> None:
    entrant = await verifier(issuer).verify_token(issuer.token(azp="agent"))
    assert (entrant.principal, entrant.granted, entrant.client_id) == ("ada", {"tools", "extra"}, "agent")
    assert (entrant.resource, entrant.claims) == (AUDIENCE, {"iss": issuer.url})


async def test_two_users_of_one_client_are_two_though_their_tokens_have_no_sub(issuer: Issuer) -> None:
    """The SDK gives a session to whoever has the client, issuer and subject of its opener."""
    checks = verifier(issuer, claim="email")
    ada, eve = [
        await checks.verify_token(issuer.token(sub=None, azp="app", email=f"{name}@example.com"))
        for name in ("ada", "eve")
    ]
    assert authorization_context(AuthenticatedUser(ada)) != authorization_context(AuthenticatedUser(eve))


async def test_a_key_lets_its_holder_in_beside_oauth_with_no_scopes_of_its_own(issuer: Issuer) -> None:
    entrant = await verifier(issuer, read_keys(line_of("ada", KEY))).verify_token(KEY)
    # Not "ada": a user of the authorization server may have that name.
    assert (entrant.principal, entrant.granted, entrant.scopes) == ("key:ada", set(), ["tools"])
    assert issuer.asked == []


async def test_a_key_that_is_not_known_is_never_taken_for_a_token(issuer: Issuer) -> None:
    with pytest.raises(TokenRefused, match="API key"):
        await verifier(issuer).verify_token(KEY)
    assert issuer.asked == []


async def test_without_oauth_nothing_but_a_key_is_taken(issuer: Issuer) -> None:
    with pytest.raises(TokenRefused, match="API key"):
        await verifier(None, read_keys(line_of("ada", KEY))).verify_token(issuer.token())


async def test_a_key_of_the_issuer_that_is_new_is_fetched_and_one_nobody_knows_refused(issuer: Issuer) -> None:
    issuer.keys = [jwk_of("second")]
    checks = verifier(issuer)
    assert (await checks.verify_token(issuer.token("second"))).principal == "ada"
    with pytest.raises(TokenRefused, match="not one of the issuer's"):
        await checks.verify_token(issuer.token("first"))


async def test_while_the_keys_cannot_be_read_nobody_new_is_let_in(issuer: Issuer) -> None:
    issuer.is_down = True
    with pytest.raises(KeysUnavailable):
        await verifier(issuer).verify_token(issuer.token())


async def test_neither_what_is_kept_nor_what_is_logged_holds_what_was_shown(
    issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    checks, good, bad = verifier(issuer, read_keys(line_of("ada", KEY))), issuer.token(), issuer.token(aud="https://x")
    # Not the root's level: a command that ran before in this process has set that of our own loggers.
    with caplog.at_level(logging.DEBUG, logger="lambdascope_proxy"):
        kept = [await checks.verify_token(good), await checks.verify_token(KEY)]
        for refused in (bad, new_key()):
            with pytest.raises(TokenRefused) as raised:
                await checks.verify_token(refused)
            assert refused not in str(raised.value)
    assert [record.levelname for record in caplog.records if record.name.startswith("lambdascope")] == ["INFO"] * 2
    for secret in (good, KEY, bad):
        assert secret not in caplog.text
        assert all(secret not in repr(entrant) for entrant in kept)


def request_with(user: Any) -> Any:
    return SimpleNamespace(scope={"user": user} if user else {})


def test_who_sent_a_request_is_told_by_the_request_alone() -> None:
    entrant = Entrant(token="", client_id="a", scopes=[], principal="ada")
    assert entrant_of(request_with(SimpleNamespace(access_token=entrant))) is entrant
    assert entrant_of(request_with(SimpleNamespace(access_token="ada"))) is None
    assert entrant_of(request_with(None)) is None
    assert entrant_of(None) is None

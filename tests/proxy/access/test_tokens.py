"""Which access tokens are good, and whom they name."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from issuing.issuer import AUDIENCE, Issuer, jwk_of, private_key

from lambdascope_proxy.access.key_set import read_key_set
from lambdascope_proxy.access.tokens import (
    LEEWAY_S,
    MOST_CHARS,
    Holder,
    TokenRefused,
    TokenRules,
    key_named_by,
    read_token,
)

ISSUER = "https://auth.example.com/realms/tools"
RULES = TokenRules(issuer=ISSUER, audience=AUDIENCE)
SIGNED = Issuer(url=ISSUER)
KEYS = read_key_set({"keys": [jwk_of("first"), jwk_of("e", "EC"), jwk_of("o", "OKP")]})
Tokens = Callable[..., str]


def holder_of(token: str, rules: TokenRules = RULES) -> Holder:
    kid, algorithm = key_named_by(token)
    key = KEYS.find(kid, algorithm)
    assert key
    return read_token(token, key, algorithm, rules)


def forged(header: dict[str, Any], claims: dict[str, Any] | None = None, signature: str = "") -> str:
    parts = (header, SIGNED.claims() if claims is None else claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, signature])


def test_a_good_token_says_who_holds_it() -> None:
    exp = int(time.time()) + 60
    assert holder_of(SIGNED.token(exp=exp, azp="agent")) == Holder(
        principal="ada", scopes=frozenset({"tools", "extra"}), expires_at=exp, client_id="agent"
    )


@pytest.mark.parametrize(
    ("key", "kind", "algorithm"),
    [("first", "RSA", "RS256"), ("first", "RSA", "PS256"), ("e", "EC", "ES256"), ("o", "OKP", "EdDSA")],
)
def test_each_of_the_four_algorithms_is_taken(key: str, kind: str, algorithm: str) -> None:
    assert holder_of(SIGNED.token(key, kind, algorithm)).principal == "ada"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": "https://other.example.com/mcp"}, "for another resource"),
        ({"aud": AUDIENCE.upper()}, "for another resource"),
        ({"aud": []}, "lacks one of|for another resource"),
        ({"iss": "https://auth.example.com/realms/other"}, "from another issuer"),
        ({"iss": ISSUER + "/"}, "from another issuer"),
        ({"exp": None}, "lacks one of"),
        ({"aud": None}, "lacks one of"),
        ({"iss": None}, "lacks one of"),
        ({"exp": "soon"}, "not valid"),
        ({"exp": float("inf")}, "not valid"),
        ({"sub": 7}, "not valid"),
        ({"sub": None}, "does not name its holder"),
        ({"sub": ""}, "does not name its holder"),
        ({"sub": "a\nb"}, "does not name its holder"),
        ({"sub": "a" * 257}, "does not name its holder"),
        ({"sub": "key:ops"}, "begins like the name of an API key"),
        ({"sub": "client:agent"}, "begins like the name of an API key"),
        ({"sub": " KEY:ops"}, "begins like the name of an API key"),
        ({"sub": "ada "}, "does not name its holder"),
        ({"sub": " "}, "does not name its holder"),
    ],
)
def test_a_token_that_says_something_else_is_refused_with_the_reason(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(TokenRefused, match=reason):
        holder_of(SIGNED.token(**changed))


@pytest.mark.parametrize(
    ("claim", "from_now_s", "reason"),
    [
        ("exp", -LEEWAY_S - 5, "has expired"),
        ("nbf", LEEWAY_S + 60, "not valid yet"),
        ("iat", LEEWAY_S + 60, "not valid yet"),
    ],
)
def test_a_token_is_refused_before_and_after_its_time(claim: str, from_now_s: int, reason: str) -> None:
    with pytest.raises(TokenRefused, match=reason):
        holder_of(SIGNED.token(**{claim: int(time.time()) + from_now_s}))


@pytest.mark.parametrize(("claim", "from_now_s"), [("exp", -2), ("nbf", 5)])
def test_clocks_may_differ_a_little(claim: str, from_now_s: int) -> None:
    assert holder_of(SIGNED.token(**{claim: int(time.time()) + from_now_s})).principal == "ada"


@pytest.mark.parametrize("aud", [[AUDIENCE, "https://other.example.com"], AUDIENCE + "/"])
def test_the_resource_may_be_one_of_several_and_end_in_a_slash(aud: Any) -> None:
    assert holder_of(SIGNED.token(aud=aud)).principal == "ada"


def test_a_token_that_nobody_signed_is_refused_whatever_word_it_has_for_that() -> None:
    for none in ("none", "None", "NONE", "", None, 7):
        with pytest.raises(TokenRefused, match="must be signed with one of"):
            key_named_by(forged({"alg": none, "kid": "first"}))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused(algorithm: str) -> None:
    # The classic confusion: the public key is public, so with HMAC everybody could sign.
    public = private_key("first").public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    unsigned = forged({"alg": algorithm, "kid": "first"}).removesuffix(".")
    name = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[algorithm]
    signature = hmac.new(pem, unsigned.encode(), getattr(hashlib, name)).digest()
    token = f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    with pytest.raises(TokenRefused, match="must be signed with one of"):
        holder_of(token)


def test_every_change_of_a_signed_token_is_noticed() -> None:
    token = SIGNED.token()
    header, claims, signature = token.split(".")
    other = SIGNED.token(sub="eve").split(".")
    for tampered in (
        f"{header}.{other[1]}.{signature}",
        f"{header}.{claims}.{other[2]}",
        f"{header}.{claims}.",
        f"{header}.{claims}.{signature[:-8]}AAAAAAAA",
        SIGNED.token("second", kid="first"),
    ):
        with pytest.raises(TokenRefused, match="not valid"):
            holder_of(tampered)


@pytest.mark.parametrize(
    "text", ["", "a", "a.b", "a.b.c", "a.b.c.d.e", "..", "ey.ey.ey", "\ud800", "é.é.é", forged({"alg": "RS256"})[:20]]
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenRefused, match="no JSON Web Token"):
        key_named_by(text)


def test_a_header_that_would_exhaust_the_parser_is_refused() -> None:
    deep = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 8000).rstrip(b"=").decode()
    with pytest.raises(TokenRefused):
        key_named_by(f"{deep}.e30.AAAA")


def test_a_huge_token_is_refused_before_it_is_read() -> None:
    with pytest.raises(TokenRefused, match=str(MOST_CHARS)):
        key_named_by(SIGNED.token(ballast="x" * MOST_CHARS))


def test_extensions_that_must_be_understood_and_are_not_refuse_the_token() -> None:
    understood = {"kid": "first", "x": 1}
    assert holder_of(jwt.encode(SIGNED.claims(), private_key("first"), "RS256", headers=understood))
    with pytest.raises(TokenRefused):
        holder_of(forged({"alg": "RS256", **understood, "crit": ["x"]}))


@pytest.mark.parametrize(("typ", "is_good"), [("at+jwt", True), ("JWT", True), ("AT+JWT", True), ("logout+jwt", False)])
def test_tokens_for_something_else_are_refused(typ: str, is_good: bool) -> None:
    token = jwt.encode(SIGNED.claims(), private_key("first"), "RS256", headers={"kid": "first", "typ": typ})
    if is_good:
        assert holder_of(token).principal == "ada"
        return
    with pytest.raises(TokenRefused, match="another kind"):
        holder_of(token)


@given(
    st.sampled_from(["alg", "typ", "kid", "jwk", "crit", "b64", "cty"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    ),
)
def test_whatever_a_header_says_it_is_taken_or_refused(member: str, value: Any) -> None:
    """Nobody signed it: an error of another kind would be a stranger's way to fill the log with tracebacks."""
    with suppress(TokenRefused):
        key_named_by(forged({"alg": "RS256", "typ": "JWT", member: value}, signature="AAAA"))


@pytest.mark.parametrize("typ", [["JWT"], {"JWT": 1}, 7, True])
def test_a_kind_that_is_no_text_is_refused(typ: Any) -> None:
    with pytest.raises(TokenRefused):
        key_named_by(forged({"alg": "RS256", "typ": typ}, signature="AAAA"))


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "a b  c"}, {"a", "b", "c"}),
        ({"scope": ["a", "b", 3]}, {"a", "b"}),
        ({"scope": None, "scp": "a b"}, {"a", "b"}),
        ({"scope": None, "scp": ["a"]}, {"a"}),
        ({"scope": "a", "scp": "b"}, {"a"}),
        ({"scope": 7}, set[str]()),
        ({"scope": None}, set[str]()),
    ],
)
def test_scopes_are_read_as_issuers_write_them(claims: dict[str, Any], scopes: set[str]) -> None:
    assert holder_of(SIGNED.token(**claims)).scopes == scopes


def test_a_client_without_a_user_has_a_name_that_no_user_can_have() -> None:
    assert holder_of(SIGNED.token(sub=None, client_id="ada")).principal == "client:ada"
    assert holder_of(SIGNED.token(sub=None, azp="ada")).principal == "client:ada"


def test_another_claim_may_name_the_holder_and_then_has_to_be_there() -> None:
    rules = TokenRules(issuer=ISSUER, audience=AUDIENCE, principal_claim="email")
    assert holder_of(SIGNED.token(email="ada@example.com"), rules).principal == "ada@example.com"
    with pytest.raises(TokenRefused, match="'email'"):
        holder_of(SIGNED.token(client_id="agent"), rules)


@given(st.text(max_size=300))
def test_no_text_is_ever_taken_for_a_token_or_raises_anything_else(text: str) -> None:
    with pytest.raises(TokenRefused):
        key_named_by(text)

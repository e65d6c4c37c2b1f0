"""Which keys of a JWKS a token may have been signed with."""

from typing import Any

import pytest
from issuing.issuer import jwk_of

from lambdascope_proxy.access.key_set import MOST_KEYS, read_key_set


def test_each_kind_of_key_is_found_by_its_id_for_its_own_algorithms_only() -> None:
    keys = read_key_set({"keys": [jwk_of("r"), jwk_of("e", "EC"), jwk_of("o", "OKP")]})
    found = {(kid, alg) for kid in "reo" for alg in ("RS256", "PS256", "ES256", "EdDSA") if keys.find(kid, alg)}
    assert found == {("r", "RS256"), ("r", "PS256"), ("e", "ES256"), ("o", "EdDSA")}


def test_a_key_that_states_its_algorithm_serves_no_other() -> None:
    keys = read_key_set({"keys": [jwk_of("r", alg="PS256")]})
    assert keys.find("r", "PS256")
    assert keys.find("r", "RS256") is None


def test_without_an_id_only_the_single_key_of_the_algorithm_is_taken() -> None:
    one = read_key_set({"keys": [jwk_of("r"), jwk_of("e", "EC")]})
    assert one.find(None, "RS256") is one.find("r", "RS256")
    two = read_key_set({"keys": [jwk_of("r"), jwk_of("s")]})
    assert two.find(None, "RS256") is None


@pytest.mark.parametrize(
    "useless",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "s", "alg": "HS256"},
        {"kty": "RSA", "kid": "torn", "n": "!", "e": "AQAB"},
        {"kty": "EC", "kid": "torn", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC", "kid": "other", "crv": "P-384"},
        {"kty": "OKP", "kid": "other", "crv": "X25519", "x": "AA"},
        {"kty": 3},
        "words",
        None,
    ],
)
def test_keys_that_cannot_be_used_are_passed_over_and_alone_they_are_no_key_set(useless: Any) -> None:
    # A symmetric key among them would let a token be made by whoever can read the set, that is by anybody.
    assert len(read_key_set({"keys": [useless, jwk_of("e", "EC")]}).keys) == 1
    with pytest.raises(ValueError, match="no public key"):
        read_key_set({"keys": [useless]})


def test_keys_for_encryption_and_rsa_keys_that_are_too_short_are_passed_over() -> None:
    keys = read_key_set({"keys": [jwk_of("enc", use="enc"), jwk_of("short", "weak"), jwk_of("r")]})
    assert {key.key_id for key in keys.keys} == {"r"}


@pytest.mark.parametrize("document", [None, [], "keys", {}, {"keys": "x"}, {"keys": {}}, {"keys": []}])
def test_what_is_no_key_set_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match=r"it (is no|holds no)"):
        read_key_set(document)


def test_no_more_keys_are_taken_than_any_issuer_has() -> None:
    many = [jwk_of("e", "EC", kid=str(number)) for number in range(MOST_KEYS + 1)]
    assert len(read_key_set({"keys": many}).keys) == MOST_KEYS

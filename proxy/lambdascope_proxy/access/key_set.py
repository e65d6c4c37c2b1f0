"""The public keys of an authorization server (JWKS, RFC 7517), and which of them a token may have been signed with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from jwt import PyJWK, PyJWTError

# Asymmetric ones only: whoever can check a token signed with a shared secret could also make one.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
MOST_KEYS: Final = 100
LEAST_RSA_BITS: Final = 2048
_CURVES: Final = {"ES256": "P-256", "EdDSA": "Ed25519"}
_TYPES: Final = {"RSA": ("RS256", "PS256"), "EC": ("ES256",), "OKP": ("EdDSA",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One key with the one algorithm it is used with here."""

    key_id: str | None
    algorithm: str
    key: PyJWK


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one document."""

    keys: tuple[SigningKey, ...] = ()

    def find(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        """The key of that id and algorithm; without an id, the only one of the algorithm."""
        fitting = [each for each in self.keys if each.algorithm == algorithm and key_id in {None, each.key_id}]
        if key_id is None and len(fitting) > 1:
            return None
        return fitting[0].key if fitting else None


def read_key_set(document: object) -> KeySet:
    """The keys that can be used; others are passed over. Raises: ValueError for what is no key set, or holds none."""
    listed = cast("Mapping[str, Any]", document).get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it is no JSON Web Key Set")
    members = cast("list[Any]", listed)[:MOST_KEYS]
    keys = tuple(key for member in members if isinstance(member, dict) for key in _usable(cast("Any", member)))
    if not keys:
        raise ValueError(f"it holds no public key for {', '.join(ALGORITHMS)}")
    return KeySet(keys)


def _usable(member: dict[str, Any]) -> Iterator[SigningKey]:
    if member.get("use", "sig") != "sig":
        return
    stated, key_id = member.get("alg"), member.get("kid")
    for algorithm in _TYPES.get(str(member.get("kty")), ()):
        # Without `alg` an RSA key may be used both ways; with it, only as it says.
        if stated not in {None, algorithm} or not _has_curve(member, algorithm):
            continue
        try:
            key = PyJWK(member, algorithm)
        except (PyJWTError, ValueError, TypeError):
            continue
        if getattr(key.key, "key_size", LEAST_RSA_BITS) >= LEAST_RSA_BITS or algorithm in _CURVES:
            yield SigningKey(key_id=key_id if isinstance(key_id, str) else None, algorithm=algorithm, key=key)


def _has_curve(member: Mapping[str, Any], algorithm: str) -> bool:
    return algorithm not in _CURVES or member.get("crv") == _CURVES[algorithm]

"""An authorization server on loopback: its metadata, its keys, and tokens it signs; it counts who asks it."""

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

AUDIENCE = "https://mcp.example.com/mcp"


def private_key(name: str, kind: str = "RSA") -> Any:
    """A key of that name, made once for the whole run: RSA takes a while."""
    return _made(name, kind)


@cache
def _made(name: str, kind: str) -> Any:
    if kind == "EC":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "OKP":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if kind == "weak" else 2048)


def jwk_of(name: str, kind: str = "RSA", **more: Any) -> dict[str, Any]:
    """The public half as a JWK."""
    of_kind: dict[str, Any] = {"EC": jwt.algorithms.ECAlgorithm, "OKP": jwt.algorithms.OKPAlgorithm}
    public = of_kind.get(kind, jwt.algorithms.RSAAlgorithm).to_jwk(private_key(name, kind).public_key(), as_dict=True)
    return {**public, "kid": name, **more}


@dataclass(slots=True)
class Issuer:
    """The server; what it answers can be changed at any time."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    answers: dict[str, Any] = field(default_factory=dict[str, Any])
    asked: list[str] = field(default_factory=list[str])
    is_down: bool = False

    def answer(self, path: str) -> Any:
        self.asked.append(path)
        if self.is_down:
            return None
        usual = {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": self.keys},
        }
        return {**usual, **self.answers}.get(path)

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 300, "scope": "tools extra"}
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def token(
        self, key: str = "first", kind: str = "RSA", algorithm: str = "RS256", kid: str | None = "", **changed: Any
    ) -> str:
        """A token with these claims changed; None takes one away."""
        headers = {} if kid is None else {"kid": kid or key}
        return jwt.encode(self.claims(**changed), private_key(key, kind), algorithm, headers=headers)


@contextmanager
def serving_issuer() -> Generator[Issuer]:
    """An issuer with one RSA key, `first`, for as long as the block lasts."""
    made = Issuer(keys=[jwk_of("first")])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = made.answer(self.path)
            status, location = (answer, "") if isinstance(answer, int) else (200 if answer is not None else 503, "")
            if isinstance(answer, str):
                status, location = 302, answer
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

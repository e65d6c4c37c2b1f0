"""Which addresses stay on this machine, and which URLs keys may be fetched from."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that host."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_named(host: str, patterns: Sequence[str]) -> bool:
    """Whether a Host header is one of these names; `name:*` is the name with any port."""
    name, colon, port = host.rpartition(":")
    return host in patterns or (bool(colon) and port.isdecimal() and f"{name}:*" in patterns)


def is_safe_url(url: str) -> bool:
    """Whether what comes from there is what its owner sent: HTTPS, or plain HTTP that never leaves this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))

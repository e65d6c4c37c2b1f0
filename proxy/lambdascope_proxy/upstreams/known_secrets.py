"""The secrets that upstreams are reached with: known to the letter, so that what echoes one can be masked."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from lambdascope_proxy.upstreams.secrets import Secrets
from lambdascope_proxy.upstreams.spec import Upstream

# Shorter ones stand in too much that is none.
FEWEST_CHARS = 8


def known_secrets(specs: Iterable[Upstream]) -> frozenset[str]:
    """Values of headers, variables, options and parts of URLs that their name or their look says to be secret."""
    return frozenset(value for spec in specs for value in _of(spec) if len(value) >= FEWEST_CHARS)


def _of(spec: Upstream) -> list[str]:
    secrets = Secrets(())
    for name, value in spec.env.items():
        secrets.in_variable(spec.name, name, value)
    for name, value in spec.headers.items():
        secrets.in_header(spec.name, name, value)
    secrets.in_words(spec.name, spec.command)
    if spec.url:
        secrets.in_url(spec.name, spec.url)
    return [*secrets.values.values(), urlsplit(spec.url).password or ""]

"""Says by its exit status whether the container's server answers; one over stdio has no port to ask and is healthy."""

import os
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

USUAL_PORT = "3000"
WITHIN_S = 3


def port_of(words: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """The port of a command line of ours; None where it serves stdio."""
    if "--http" not in words and "demo" not in words:
        return None
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--port":
            return following
        if word.startswith("--port="):
            return word.partition("=")[2]
    return environ.get("MCP_SERVER_PORT") or USUAL_PORT


def main() -> int:
    """0 for healthy; fails with what went wrong, which `docker inspect` shows."""
    # The first process of a container is the server, or an init that was given its command line.
    words = Path("/proc/1/cmdline").read_bytes().decode().split("\0")
    if port := port_of(words, os.environ):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=WITHIN_S).close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The ways to the echo server that are compared: straight, through lambdascope, and through proxies of others."""

import contextlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.child import ROOT
from bench.contestants import script
from bench.messages import LEGACY, MODERN, Question, tool_call
from bench.proxies.processes import ECHO_STDIO

DIRECT = "direct"
OWN = "lambdascope, tracing and history on"
OWN_UNTRACED = "lambdascope, tracing off"
OWN_STDIO = "lambdascope, to stdio"
FASTMCP = "FastMCP proxy"
SPARFENYUK = "sparfenyuk mcp-proxy, to stdio"
NPM = "npm mcp-proxy, to stdio"
SUPERGATEWAY = "supergateway, to stdio"
Commands = Mapping[str, Path]
BOTH = (LEGACY, MODERN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A proxy to start before the echo server, and what it serves; no command is the echo server itself."""

    name: str
    argv: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    revisions: tuple[str, ...] = BOTH
    port: int | None = None  # None: it says where it listens
    starts_upstream: bool = False
    traces_path: str | None = None


def echo(number: int, revision: str, wait_ms: int = 0) -> Question:
    """Return a call of the echo tool."""
    arguments = {"number": number, **({"wait_ms": wait_ms} if wait_ms else {})}
    return tool_call(number, "echo", arguments, revision=revision)


def all_ways(url: str, sink_port: int, folder: Path, peers: Commands) -> list[Way]:
    """Return every way there is: those of peers only where they are installed."""
    own = [
        lambdascope(OWN, (url,), folder, sink_port),
        lambdascope(OWN_UNTRACED, (url,), folder, None),
        lambdascope(OWN_STDIO, ("--", *ECHO_STDIO), folder, sink_port),
    ]
    others = [make(peers[name], url, folder) for name, make in PEER_WAYS.items() if name in peers]
    return [Way(name=DIRECT), *own, *others]


def lambdascope(name: str, wrapped: tuple[str, ...], folder: Path, sink_port: int | None) -> Way:
    """Return lambdascope in front of a URL or a command, with its history on; without a sink it traces nothing."""
    slug = name.replace(" ", "-").replace(",", "")
    environment = {"LAMBDASCOPE_HISTORY_DIR": str(folder / f"history-{slug}"), "HOME": str(folder)}
    if sink_port is not None:
        environment |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink_port}/{slug}",
            "OTEL_BSP_SCHEDULE_DELAY": "1000",  # a batch a second: exporting falls inside what is measured
        }
    return Way(
        name=name,
        argv=(script("lambdascope"), "wrap", "--http", "--port", "0", *wrapped),
        environment=environment,
        starts_upstream=wrapped[0] == "--",
        traces_path=f"/{slug}/v1/traces" if sink_port is not None else None,
    )


def _fastmcp(command: Path, url: str, folder: Path) -> Way:
    port = free_port()
    # Not its command line: that reads a configuration, and the proxy is one line of Python.
    python = str(command.with_name("python"))
    argv = (python, str(ROOT / "bench/proxies/fastmcp_proxy.py"), url, str(port))
    return _peer(FASTMCP, argv, port, folder, starts_upstream=False)


def _sparfenyuk(command: Path, url: str, folder: Path) -> Way:
    port = free_port()
    argv = (str(command), "--log-level", "ERROR", "--port", str(port), "--", *ECHO_STDIO)
    return _peer(SPARFENYUK, argv, port, folder)


def _npm(command: Path, url: str, folder: Path) -> Way:
    port = free_port()
    return _peer(NPM, (str(command), "--port", str(port), "--host", "127.0.0.1", "--", *ECHO_STDIO), port, folder)


def _supergateway(command: Path, url: str, folder: Path) -> Way:
    port = free_port()
    options = ("--outputTransport", "streamableHttp", "--stateful", "--logLevel", "none", "--port", str(port))
    return _peer(SUPERGATEWAY, (str(command), "--stdio", " ".join(ECHO_STDIO), *options), port, folder)


def _peer(name: str, argv: tuple[str, ...], port: int, folder: Path, *, starts_upstream: bool = True) -> Way:
    # Some log each request to standard output, which nobody reads.
    quiet = ("sh", "-c", 'exec "$@" >/dev/null', "sh", *argv)
    return Way(name=name, argv=quiet, environment={"HOME": str(folder)}, port=port, starts_upstream=starts_upstream)


PEER_WAYS: Mapping[str, Callable[[Path, str, Path], Way]] = {
    FASTMCP: _fastmcp,
    SPARFENYUK: _sparfenyuk,
    NPM: _npm,
    SUPERGATEWAY: _supergateway,
}


def free_port() -> int:
    """Return a port that was free just now, for servers that must be told one."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return listener.getsockname()[1]

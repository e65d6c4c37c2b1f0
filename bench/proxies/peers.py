"""Proxies of others: Python ones each in an environment of its own, Node ones in one folder."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.child import ROOT
from bench.errors import NotRunningError
from bench.peer import Peer
from bench.proxies.ways import FASTMCP, NPM, SPARFENYUK, SUPERGATEWAY

PINNED = ROOT / "bench/proxies/package.json"
INSTALL = ("npm", "install", "--prefix", ".", "--no-save", "--no-package-lock", "--no-audit", "--no-fund")
INSTALL_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePeer:
    """A command of a package that `package.json` here pins."""

    command: str

    @property
    def package(self) -> str:
        """Return its name with its registry: one of PyPI may have the same."""
        return f"npm {self.command}"

    def install(self) -> Path:
        """Return the command, installing it if it is not there.

        Raises:
            NotRunningError: it could not be installed; the message has the installer's last line.
        """
        pinned, installed = PINNED.read_bytes(), self._home / "package.json"
        path = self._home / "node_modules/.bin" / self.command
        if not (path.exists() and installed.exists() and installed.read_bytes() == pinned):
            self._home.mkdir(parents=True, exist_ok=True)
            self._npm()
            installed.write_bytes(pinned)
        return path

    def versions(self) -> dict[str, str]:
        """Return the version that is installed."""
        described = self._home / "node_modules" / self.command / "package.json"
        return {self.package: json.loads(described.read_bytes())["version"]}

    @property
    def _home(self) -> Path:
        return ROOT / ".bench" / "peer-npm"

    def _npm(self) -> None:
        failed = f"{self.package} could not be installed"
        pinned = json.loads(PINNED.read_bytes())["dependencies"]
        command = [*INSTALL, *(f"{name}@{version}" for name, version in pinned.items())]
        try:
            subprocess.run(command, cwd=self._home, capture_output=True, text=True, timeout=INSTALL_S, check=True)
        except subprocess.CalledProcessError as error:
            raise NotRunningError(f"{failed}: {(error.stderr.strip().splitlines() or ['?'])[-1]}") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotRunningError(f"{failed}: {error}") from error


PEERS: Mapping[str, Peer | NodePeer] = {
    FASTMCP: Peer(package="fastmcp", version="4.1.2", folder="peer-fastmcp", command="fastmcp"),
    SPARFENYUK: Peer(package="mcp-proxy", version="0.13.0", folder="peer-mcp-proxy", command="mcp-proxy"),
    NPM: NodePeer(command="mcp-proxy"),
    SUPERGATEWAY: NodePeer(command="supergateway"),
}

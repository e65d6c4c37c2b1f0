"""Installs servers of others under `.upstreams`, each at one version; skips the test, saying why, where it cannot."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HOME = ROOT / ".upstreams"
SERVERS = Path(__file__).parents[1] / "servers"
UV = str(Path(sys.executable).with_name("uv"))
INSTALL_S = 300
NPM_INSTALL = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")


def python_package(requirement: str) -> Path:
    """The directory of commands of an environment that holds just this package."""
    home = HOME / f"python-{requirement.replace('==', '-')}"
    done = home / "installed"
    if not done.exists():
        _run([UV, "venv", "--clear", "--quiet", "--python", sys.executable, str(home)])
        _run([UV, "pip", "install", "--quiet", "--python", str(home / "bin/python"), requirement])
        done.touch()
    return home / "bin"


def node_folder() -> Path:
    """A folder with the pinned Node packages, and the servers of ours that import them."""
    home, pinned = HOME / "node", (SERVERS / "package.json").read_bytes()
    done = home / "installed.json"
    home.mkdir(parents=True, exist_ok=True)
    if not (done.exists() and done.read_bytes() == pinned):
        (home / "package.json").write_bytes(pinned)
        _run(NPM_INSTALL, home)
        done.write_bytes(pinned)
    for server in SERVERS.glob("*.mjs"):
        shutil.copy(server, home)
    return home


def _run(command: Sequence[str], folder: Path = ROOT) -> None:
    try:
        subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=True)
    except subprocess.CalledProcessError as failed:
        pytest.skip(f"cannot be installed here: {(failed.stderr.strip().splitlines() or ['?'])[-1]}")
    except (OSError, subprocess.TimeoutExpired) as failed:
        pytest.skip(f"cannot be installed here: {failed}")

"""Installs the peer, AWS's own Lambda tool server, into a virtual environment of its own on first use."""

import subprocess
import sys
from pathlib import Path

from bench.child import ROOT
from bench.errors import NotRunningError

REQUIREMENT = "awslabs.lambda-tool-mcp-server==2.1.1"
HOME = ROOT / ".bench" / "peer"
COMMAND = HOME / "bin" / "awslabs.lambda-tool-mcp-server"


def install() -> Path:
    """Return the peer's command, installing it if it is not there.

    Raises:
        NotRunningError: it could not be installed; the message has the installer's last line.
    """
    if not COMMAND.exists():
        _uv("venv", "--clear", "--python", sys.executable, str(HOME))
        _uv("pip", "install", "--python", str(HOME / "bin" / "python"), REQUIREMENT)
    return COMMAND


def versions() -> dict[str, str]:
    """Return the versions that matter of what the peer runs on."""
    listed = _uv("pip", "list", "--format", "freeze", "--python", str(HOME / "bin" / "python"))
    installed = dict(line.split("==", 1) for line in listed.splitlines() if "==" in line)
    wanted = ("awslabs-lambda-tool-mcp-server", "mcp", "boto3")
    return {name: installed[name] for name in wanted if name in installed}


def _uv(*arguments: str) -> str:
    command = [str(Path(sys.executable).parent / "uv"), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    except subprocess.CalledProcessError as error:
        raise NotRunningError(f"the peer could not be installed: {error.stderr.strip().splitlines()[-1]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRunningError(f"the peer could not be installed: {error}") from error
    return done.stdout

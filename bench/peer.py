"""Peers: servers of others, each installed at one version into a virtual environment of its own on first use."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.child import ROOT
from bench.errors import NotRunningError


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A command of a package from the package index; its environment lies in `folder` under `.bench`."""

    package: str
    version: str
    folder: str
    command: str

    def install(self) -> Path:
        """Return the command, installing it if it is not there.

        Raises:
            NotRunningError: it could not be installed; the message has the installer's last line.
        """
        path = self._home / "bin" / self.command
        if not path.exists():
            self._uv("venv", "--clear", "--python", sys.executable, str(self._home))
            self._uv("pip", "install", "--python", str(self._python), f"{self.package}=={self.version}")
        return path

    def versions(self) -> dict[str, str]:
        """Return the versions that matter of what the peer runs on."""
        listed = self._uv("pip", "list", "--format", "freeze", "--python", str(self._python))
        installed = dict(line.split("==", 1) for line in listed.splitlines() if "==" in line)
        wanted = (self.package.replace(".", "-"), "mcp", "boto3")
        return {name: installed[name] for name in wanted if name in installed}

    @property
    def _home(self) -> Path:
        return ROOT / ".bench" / self.folder

    @property
    def _python(self) -> Path:
        return self._home / "bin" / "python"

    def _uv(self, *arguments: str) -> str:
        command = [str(Path(sys.executable).parent / "uv"), *arguments]
        failed = f"{self.package} could not be installed"
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
        except subprocess.CalledProcessError as error:
            raise NotRunningError(f"{failed}: {error.stderr.strip().splitlines()[-1]}") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotRunningError(f"{failed}: {error}") from error
        return done.stdout


def _awslabs(name: str, version: str, folder: str) -> Peer:
    return Peer(package=f"awslabs.{name}", version=version, folder=folder, command=f"awslabs.{name}")


LAMBDA_TOOL = _awslabs("lambda-tool-mcp-server", "2.1.1", "peer")
CLOUDWATCH = _awslabs("cloudwatch-mcp-server", "0.3.1", "peer-cloudwatch")
SERVERLESS = _awslabs("aws-serverless-mcp-server", "0.2.0", "peer-serverless")
# Its requirements contradict the server's that runs it: an environment of its own.
SAM = Peer(package="aws-sam-cli", version="1.170.0", folder="sam", command="sam")

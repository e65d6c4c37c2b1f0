"""A peer is installed once, at its version, and one that cannot be says so; nothing is downloaded here."""

import sys
from pathlib import Path

import pytest
from bench import peer
from bench.errors import NotRunningError
from bench.peer import CLOUDWATCH

UV = """#!/bin/sh
echo "$@" >> "{log}"
case "$1 $2" in
  "pip install") mkdir -p "{home}/bin" && touch "{home}/bin/{command}" ;;
  "pip list") printf 'awslabs-cloudwatch-mcp-server==0.3.1\\nboto3==1.0\\nother==2.0\\n' ;;
esac
"""


@pytest.fixture
def uv_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an installer that only takes notes beside the interpreter."""
    log = tmp_path / "calls"
    home = tmp_path / ".bench" / CLOUDWATCH.folder
    uv = tmp_path / "uv"
    uv.write_text(UV.format(log=log, home=home, command=CLOUDWATCH.command))
    uv.chmod(0o755)
    monkeypatch.setattr(peer, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return log


def test_a_peer_is_installed_at_its_version_and_not_again(uv_calls: Path) -> None:
    command = CLOUDWATCH.install()
    assert (command.name, command.exists()) == ("awslabs.cloudwatch-mcp-server", True)
    _, installing = uv_calls.read_text().splitlines()
    assert installing.endswith(f"{command.parent / 'python'} awslabs.cloudwatch-mcp-server==0.3.1")
    assert CLOUDWATCH.install() == command
    assert len(uv_calls.read_text().splitlines()) == 2
    assert CLOUDWATCH.versions() == {"awslabs-cloudwatch-mcp-server": "0.3.1", "boto3": "1.0"}


def test_a_peer_that_cannot_be_installed_says_so_with_the_installers_last_line(uv_calls: Path) -> None:
    uv = uv_calls.parent / "uv"
    uv.write_text("#!/bin/sh\necho first >&2\necho 'no such version' >&2\nexit 1\n")
    with pytest.raises(NotRunningError, match=r"cloudwatch-mcp-server could not be installed: no such version"):
        CLOUDWATCH.install()
    uv.unlink()
    with pytest.raises(NotRunningError, match="could not be installed"):
        CLOUDWATCH.install()

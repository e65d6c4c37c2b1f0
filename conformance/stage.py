"""What the suite is run against: the fixture server by itself, and the same behind a proxy process."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final

from lambdascope_proxy.local import LocalAws, LocalFunction

LAMBDASCOPE: Final = str(Path(sys.executable).with_name("lambdascope"))
FIXTURE: Final = (sys.executable, "-m", "conformance.fixture")
FUNCTIONS: Final = Path(__file__).parent / "functions"
URL: Final = re.compile(r"http://\S+/mcp")
STOP_S: Final = 15
# Set outside, these would lead the proxy elsewhere.
NOT_INHERITED: Final = ("AWS_", "FUNCTION_", "LAMBDASCOPE_", "MCP_SERVER_PORT", "OTEL_")


@contextmanager
def fixture(*arguments: str) -> Generator[str]:
    """The fixture server over Streamable HTTP; yields its URL."""
    with _process([*FIXTURE, *arguments], dict(os.environ), announces_on="stdout") as url:
        yield url


@contextmanager
def behind_lambdascope(upstream: Sequence[str]) -> Generator[str]:
    """A proxy over HTTP in front of an upstream, a URL or a command. Yields its URL."""
    with ExitStack() as stack:
        command, environment = stack.enter_context(lambdascope(upstream, "--http", "--port", "0"))
        yield stack.enter_context(_process(command, environment, announces_on="stderr"))


@contextmanager
def lambdascope(upstream: Sequence[str], *options: str) -> Generator[tuple[list[str], dict[str, str]]]:
    """Command and environment of a proxy in front of an upstream; two of the tools are Lambda functions."""
    with ExitStack() as stack:
        functions = [LocalFunction(name=found.name, code=found) for found in sorted(FUNCTIONS.iterdir())]
        aws = stack.enter_context(LocalAws(functions, []))
        history = stack.enter_context(tempfile.TemporaryDirectory())
        names = [function.name for function in functions]
        denied = [word for name in names for word in ("--deny", name)]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)},
            **aws.environment(),
            "FUNCTION_LIST": ",".join(names),
            "LAMBDASCOPE_EXPOSE": "functions",
            "LAMBDASCOPE_HISTORY_DIR": history,
        }
        yield [LAMBDASCOPE, "wrap", *options, *denied, *upstream], environment


@contextmanager
def _process(command: Sequence[str], environment: dict[str, str], *, announces_on: str) -> Generator[str]:
    with tempfile.TemporaryFile(mode="w+", encoding="utf-8") as rest:
        pipes: dict[str, int | IO[str]] = {"stdout": rest, "stderr": rest, announces_on: subprocess.PIPE}
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, text=True, **pipes)
        with process:
            try:
                yield _announced(process.stdout or process.stderr)
            finally:
                process.terminate()
                try:
                    process.communicate(timeout=STOP_S)
                except subprocess.TimeoutExpired:
                    process.kill()


def _announced(stream: IO[str] | None) -> str:
    seen: list[str] = []
    for line in stream or ():
        if found := URL.search(line):
            return found[0]
        seen.append(line)
    raise ChildProcessError(f"no URL was announced: {''.join(seen[-5:])}")

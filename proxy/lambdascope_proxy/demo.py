"""The demo: a local AWS, the real `lambdascope serve --http` in its own process, and a real MCP client."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lambdascope_proxy.aws.clients import PROFILE_VARIABLES
from lambdascope_proxy.demo_looking import look
from lambdascope_proxy.demo_reports import print_looks, print_reports
from lambdascope_proxy.demo_traffic import called_functions, play_script, trickle
from lambdascope_proxy.local import LocalAws
from lambdascope_proxy.local.demo import SCHEMA_TAG, demo_functions, demo_schemas
from lambdascope_proxy.printing import print_line

STOP_S = 20
LATER_S = 20
RECONCILE_S = 60
# The user's own settings must neither lead the demo to a real account nor keep it from starting.
NOT_INHERITED = ("AWS_", "FUNCTION_", "LAMBDASCOPE_", "MCP_SERVER_PORT")
# What of the server's environment a shell needs so that commands in it see what the server sees.
SHARED = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "FUNCTION_PREFIX",
    "LAMBDASCOPE_HISTORY_DIR",
)


def run_demo(*, is_once: bool, port: int, history_directory: Path | None) -> int:
    """Runs until a signal, or with `is_once` until its script is played. Returns the exit code.

    Raises: ChildProcessError when the MCP server does not start.
    """
    # A shell that is no terminal starts what it sends to the background with SIGINT ignored, and Python leaves it so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Without it SIGTERM would leave the server and the functions running. An event loop ends cleanly only for SIGINT.
    terminated = threading.Event()

    def interrupt(*_: object) -> None:
        terminated.set()
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, interrupt)
    try:
        return _run(is_once=is_once, port=port, history_directory=history_directory)
    except KeyboardInterrupt:
        if terminated.is_set():
            return 128 + signal.SIGTERM
        # Ctrl-C is how one ends a demo; only the script of `--once` was cut short by it.
        return 128 + signal.SIGINT if is_once else 0


def _run(*, is_once: bool, port: int, history_directory: Path | None) -> int:
    with ExitStack() as stack:
        directory = history_directory or stack.enter_context(_temporary_directory())
        aws = stack.enter_context(LocalAws(demo_functions(), demo_schemas()))
        _bypass_proxies(aws)
        with _served(aws, port, directory) as url:
            if not is_once:
                _explain(url, directory, aws)
                trickle(url)
            played = play_script(url)
            late = _await_executions(aws, played.accepted)
            looks = look(url, called_functions())
        # The server has ended, so every row is on disk.
        unreconciled = _reconcile(aws, directory)
        print_reports(directory, now=datetime.now(UTC))
        print_looks(looks)
        unexpected = [*played.unexpected, *late, *looks.failures, *unreconciled]
        for line in unexpected:
            print_line(f"NOT AS EXPECTED: {line}")
        return 1 if unexpected else 0


@contextmanager
def _temporary_directory() -> Generator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="lambdascope-demo-"))
    try:
        yield directory
    finally:
        _remove(directory)


def _remove(directory: Path) -> None:
    """Removes it with all in it. A compaction that the server began outlives it, and may still write there."""
    deadline = time.monotonic() + STOP_S
    while directory.exists():
        try:
            shutil.rmtree(directory)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _await_executions(aws: LocalAws, request_ids: Sequence[str]) -> list[str]:
    """Waits until what was accepted has run, so that all count the same calls. Returns a line for each that has not."""
    deadline = time.monotonic() + LATER_S
    while missing := set(request_ids) - {record.request_id for record in aws.journal.invocations()}:
        if time.monotonic() > deadline:
            return [f"request {request_id} was accepted and has not run" for request_id in sorted(missing)]
        time.sleep(0.05)
    return []


def _reconcile(aws: LocalAws, directory: Path) -> list[str]:
    """Has the history learn from the logs what asynchronous calls took. Returns a line when it cannot."""
    command = [sys.executable, "-m", "lambdascope_proxy.cli", "history", "reconcile", "--json"]
    done = subprocess.run(
        command,
        env=serve_environment(aws, directory),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RECONCILE_S,
        check=False,
    )
    # Its stderr also says what has nothing to do with it, such as a collector that is away.
    reasons = [done.stderr.strip()] if done.returncode else json.loads(done.stdout)["reasons"]
    return [f"history reconcile: {reason}" for reason in reasons]


def _bypass_proxies(aws: LocalAws) -> None:
    """For the MCP client in this process, as for the server in its own: all they speak to is on loopback."""
    os.environ.update({name: value for name, value in aws.environment().items() if name.lower() == "no_proxy"})


@contextmanager
def _served(aws: LocalAws, port: int, directory: Path) -> Generator[str]:
    """The MCP server in a process of its own; yields its URL and stops it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lambdascope_proxy.cli", "serve", "--http", "--port", str(port)],
        env=serve_environment(aws, directory),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A terminal sends Ctrl-C to the whole group: the server is to be ended by us, once.
        start_new_session=True,
    )
    with process, ExitStack() as stack:
        stack.callback(_stop, process)
        url = _read_url(process)
        forwarding = threading.Thread(target=_forward, args=(process,), daemon=True)
        forwarding.start()
        stack.callback(forwarding.join, STOP_S)
        stack.callback(_stop, process)
        yield url


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()


def serve_environment(aws: LocalAws, directory: Path) -> dict[str, str]:
    """The environment in which `lambdascope serve` sees the local AWS and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    ours = {
        "FUNCTION_PREFIX": "demo-",
        "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": SCHEMA_TAG,
        "LAMBDASCOPE_HISTORY_DIR": str(directory.absolute()),
    }
    return {**kept, **aws.environment(), **ours}


def _read_url(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    seen: list[str] = []
    for line in process.stderr:
        if "serving MCP at " in line:
            return line.rsplit(" ", 1)[1].strip()
        seen.append(line.strip().removeprefix("lambdascope: "))
    raise ChildProcessError(f"the MCP server did not start: {' / '.join(seen[-3:])}")


def _forward(process: "subprocess.Popen[str]") -> None:
    assert process.stderr is not None
    for line in process.stderr:
        sys.stderr.write(line)


def exports(environment: Mapping[str, str]) -> str:
    """A line for another shell, after which its commands look at the demo."""
    shared = " ".join(f"{name}={shlex.quote(environment[name])}" for name in SHARED)
    return f"unset {' '.join(PROFILE_VARIABLES)}; export {shared}"


def _explain(url: str, directory: Path, aws: LocalAws) -> None:
    for line in (
        f"MCP server      {url}",
        f"  Claude Code   claude mcp add --transport http lambdascope {url}",
        f'  other clients {{"mcpServers": {{"lambdascope": {{"type": "http", "url": "{url}"}}}}}}',
        f"history         duckdb -readonly {shlex.quote(str(directory.absolute() / 'history.duckdb'))} -c 'FROM calls'",
        f"local AWS       {aws.endpoint_url} ({len(demo_functions())} functions, real Python processes)",
        "To try `lambdascope monitor --fleet --last 10m` and the other commands in another shell, paste there:",
        exports(serve_environment(aws, directory)),
        "A call a second is made so that there is something to see. Stop with Ctrl-C.",
    ):
        print_line(line)

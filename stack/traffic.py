"""Traffic for the stack: the demo as people start it, and its script of calls played in it several times.

A rate needs a counter that grew between two scrapes, so nothing that happens once would show.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lambdascope_proxy.demo_looking import look
from lambdascope_proxy.demo_traffic import called_functions, play_script
from stack.children import Child, running
from stack.collectors import Collector
from stack.errors import NotRunningError, StackError
from stack.guarded import keep_within
from stack.trouble import get_into_trouble

ROUNDS: Final = 3
ANNOUNCED: Final = "MCP server "
START_S: Final = 60.0
COMPLETE_S: Final = 60.0
DEMO_LOG: Final = "demo.log"
# Longer than a scrape and an export together.
APART_S: Final = 3.0


def drive(folder: Path, collector: Collector, refused: Collector) -> None:
    """Runs the demo into this Collector until all of its script has happened several times, and beside it a
    proxy in trouble and one with guardrails.

    Raises: StackError when a call ends otherwise than the script plans.
    """
    # The MCP client in this process as well: all of it is on loopback.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    with _demo(folder, collector) as url, ThreadPoolExecutor(2) as others:
        beside = [
            others.submit(get_into_trouble, folder, collector, refused),
            others.submit(keep_within, folder, collector),
        ]
        for _ in range(ROUNDS):
            if unexpected := play_script(url).unexpected:
                raise StackError("; ".join(unexpected))
            if failures := look(url, called_functions()).failures:
                raise StackError("; ".join(failures))
            time.sleep(APART_S)
        for each in beside:
            each.result()
        _complete(folder, collector)
        # The last of it is exported, and scraped.
        time.sleep(APART_S)


def _complete(folder: Path, collector: Collector) -> None:
    """Has the logs tell how asynchronous calls ended, in another shell, with the line that the demo prints for one."""
    lines = (folder / DEMO_LOG).read_text(errors="replace").splitlines()
    paste = next(line for line in lines if line.startswith("unset "))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{paste}; exec {shlex.quote(sys.executable)} -m lambdascope_proxy.cli history reconcile"],
        env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.otlp_http}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMPLETE_S,
        check=False,
    )
    if done.returncode:
        raise StackError(f"history reconcile: {done.stderr.strip()}")


@contextmanager
def _demo(folder: Path, collector: Collector) -> Generator[str]:
    command = [sys.executable, "-m", "lambdascope_proxy.cli", "demo", "--port", "0"]
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.otlp_http}",
        "OTEL_METRIC_EXPORT_INTERVAL": "1000",
        "OTEL_BSP_SCHEDULE_DELAY": "500",
        "PYTHONUNBUFFERED": "1",
    }
    directory = folder / "history"
    with running("the demo", [*command, "--history-dir", str(directory)], folder / DEMO_LOG, environment) as child:
        yield _announced_url(child)


def _announced_url(child: Child) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and child.process.poll() is None:
        lines = child.log.read_text(errors="replace").splitlines()
        if found := [line.split()[-1] for line in lines if line.startswith(ANNOUNCED)]:
            return found[0]
        time.sleep(0.1)
    raise NotRunningError(f"{child.name} did not say where it listens:\n{child.last_words()}")

"""Upkeep of a history by the processes that write it: a thread looks whether work is due, a child process does it.

The thread only looks at names, sizes and times; DuckDB is loaded in the child, at low priority, and nobody waits.
"""

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.due import UpkeepOptions, is_due

_log: Final = logging.getLogger(__name__)

_LOOK_S: Final = 10.0
# After a failure, such as a full disk, the next try may wait.
_RETRY_S: Final = 300.0


Ended = Callable[[bool, float], object]


class Upkeep:
    """Has the history in `directory` compacted whenever that is due; `then` runs after each look, in the thread.

    `on_end` is told of each compaction whether it went well, and how many seconds it took.
    """

    def __init__(
        self,
        directory: Path,
        options: UpkeepOptions,
        *,
        then: Callable[[], object] | None = None,
        on_end: Ended = lambda went_well, seconds: None,
    ) -> None:
        self._directory = directory.resolve()
        self._options = options
        self._then = then
        self._on_end = on_end
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._has_failed = False

    def start(self) -> None:
        """Look at once, and from then on every few seconds; never raises."""
        self._thread = threading.Thread(target=self._run, name="lambdascope-upkeep", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            _log.warning("the history is not kept up: %s", error)

    def stop(self) -> None:
        """Look no more. A child that is at work goes on to its end."""
        self._stopped.set()

    def look(self) -> bool:
        """Compact if that is due; whether a compaction ran and went well. Never raises."""
        try:
            return is_due(self._directory, self._options) and self._timed_compaction()
        except Exception as error:  # nothing that keeps the history may break what writes it
            return self._failed(str(error))

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.look()
            if self._then is not None:
                self._then()
            self._stopped.wait(_RETRY_S if self._has_failed else _LOOK_S)

    def _timed_compaction(self) -> bool:
        began, went_well = time.monotonic(), False
        try:
            went_well = self._compact()
            return went_well
        finally:
            self._on_end(went_well, time.monotonic() - began)

    def _compact(self) -> bool:
        child = subprocess.run(
            compaction_command(self._directory, self._options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            start_new_session=True,  # Ctrl-C in the terminal is for us
        )
        said = child.stderr.decode(errors="replace").strip()
        if child.returncode:
            return self._failed(said or f"exit code {child.returncode}")
        if said:
            _log.warning("the compaction of the history says: %s", said)
        self._has_failed = False
        return True

    def _failed(self, reason: str) -> bool:
        if not self._has_failed:
            _log.warning("the history is not compacted, which is tried again: %s", reason)
        self._has_failed = True
        return False


def compaction_command(directory: Path, options: UpkeepOptions) -> list[str]:
    """Return the command that compacts what is due."""
    # -P: a module that lies in the working directory must not take the place of one of ours.
    module = [sys.executable, "-P", "-m", "lambdascope_analytics.store.compaction"]
    return [*module, str(directory), "--options", json.dumps(asdict(options))]

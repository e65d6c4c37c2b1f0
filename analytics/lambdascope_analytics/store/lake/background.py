"""Uploading beside a process that must not wait for it and imports no boto3: a child process does it."""

import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation
from lambdascope_analytics.store.lake.outbox import committed_files

_log: Final = logging.getLogger(__name__)
# After a failure, such as credentials that expired, the next try may wait.
_RETRY_S: Final = 300.0


class LakeUploads:
    """Has what waits in the outbox of `directory` uploaded, by one child process at a time."""

    def __init__(
        self,
        directory: Path,
        location: LakeLocation,
        access: LakeAccess,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory.resolve()
        self._command = upload_command(directory, location, access)
        self._clock = clock
        self._retry_at = 0.0
        self._problem: str | None = None
        self._thread: threading.Thread | None = None

    def look(self) -> bool:
        """Start an upload if something waits, none is under way and none has just failed; whether one was started.

        Returns at once and never raises; failures are logged, the same one only once in a row. The child goes on when
        this process ends.
        """
        try:
            if self._is_busy() or not committed_files(self._directory):
                return False
            self._thread = threading.Thread(target=self._upload, name="lambdascope-upload", daemon=True)
            self._thread.start()
        except Exception as error:  # nothing that keeps the history may break what writes it
            self._failed(str(error))
            return False
        return True

    def wait(self, timeout_s: float) -> bool:
        """Wait until no upload is under way; False when `timeout_s` is over first."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self._thread is None or not self._thread.is_alive()

    def _is_busy(self) -> bool:
        is_under_way = self._thread is not None and self._thread.is_alive()
        return is_under_way or (self._problem is not None and self._clock() < self._retry_at)

    def _upload(self) -> None:
        import subprocess

        try:
            child = subprocess.run(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                check=False,
                start_new_session=True,  # Ctrl-C in the terminal is for us
            )
        except Exception as error:
            self._failed(str(error))
            return
        if child.returncode:
            self._failed(child.stderr.decode(errors="replace").strip() or f"exit code {child.returncode}")
        else:
            self._problem = None

    def _failed(self, reason: str) -> None:
        if reason != self._problem:
            _log.warning("the history is not all uploaded, what is left waits and is tried again: %s", reason)
        self._problem = reason
        self._retry_at = self._clock() + _RETRY_S


def upload_command(directory: Path, location: LakeLocation, access: LakeAccess) -> list[str]:
    """Return the command that uploads what waits in `directory` and ends."""
    options = {
        "--endpoint": access.endpoint,
        "--region": access.region,
        "--profile": access.profile,
        "--kms-key": access.kms_key,
    }
    # -P: a module that lies in the working directory must not take the place of one of ours.
    command = [sys.executable, "-P", "-m", "lambdascope_analytics.store.lake", str(directory.resolve()), str(location)]
    return command + [f"{option}={value}" for option, value in options.items() if value]

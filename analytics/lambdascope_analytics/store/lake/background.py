"""Starts the uploader's process beside a process that must not wait for it and imports no boto3."""

import logging
import sys
import threading
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation

_log: Final = logging.getLogger(__name__)


def upload_command(directory: Path, location: LakeLocation, access: LakeAccess) -> list[str]:
    """Return the command that uploads what waits in `directory` and ends."""
    options = {
        "--endpoint": access.endpoint,
        "--region": access.region,
        "--profile": access.profile,
        "--kms-key": access.kms_key,
    }
    # -P: a module that lies in the working directory must not take the place of one of ours.
    command = [sys.executable, "-P", "-m", "lambdascope_analytics.store.lake", str(directory.absolute()), str(location)]
    return command + [f"{option}={value}" for option, value in options.items() if value]


def upload_in_background(directory: Path, location: LakeLocation, access: LakeAccess) -> threading.Thread:
    """Have a child process upload what waits; returns at once, failures are logged.

    The child goes on when this process ends. The thread is returned for those who want to wait.
    """
    command = upload_command(directory, location, access)
    thread = threading.Thread(target=_upload_in_child, args=(command,), name="upload-history", daemon=True)
    thread.start()
    return thread


def _upload_in_child(command: list[str]) -> None:
    import subprocess

    try:
        # A session of its own, so that Ctrl-C in the terminal does not end an upload.
        child = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            start_new_session=True,
        )
    except Exception:
        _log.exception("the history is not uploaded")
        return
    if child.returncode:
        reason = child.stderr.decode(errors="replace").strip() or f"exit code {child.returncode}"
        _log.warning("the history is not all uploaded, what is left stays and waits: %s", reason)

"""Serves the demo functions until it is told to stop: `python -m lambdascope_proxy.local`."""

import shlex
import signal
import sys
import threading
from types import FrameType

from lambdascope_proxy.local.aws import LocalAws
from lambdascope_proxy.local.demo import demo_functions, demo_schemas


def main() -> None:
    """Print what a shell must export, then serve until SIGINT or SIGTERM."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with LocalAws(demo_functions(), demo_schemas()) as aws:
        exports = [f"export {name}={shlex.quote(value)}" for name, value in aws.environment().items()]
        sys.stdout.write("\n".join(["unset AWS_PROFILE", *exports, ""]))
        sys.stdout.flush()
        stopped.wait()


if __name__ == "__main__":
    main()

"""What the run prints, at once, as a run takes minutes."""

import sys


def say(line: str) -> None:
    """Prints a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

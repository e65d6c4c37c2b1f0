"""What can go wrong while measuring.

BenchError
├── WrongAnswerError   a server answered, but not what was asked
└── NotRunningError    a server could not be started, or went away
"""


class BenchError(Exception):
    """A figure could not be taken; the reason is the message."""


class WrongAnswerError(BenchError):
    """An answer with the wrong id, an error in it, or without the function's result."""


class NotRunningError(BenchError):
    """A process that did not start, did not say where it listens, or ended."""


# What a subject of measurement may raise; it then loses its row, and the others go on.
SUBJECT_FAILURES = (BenchError, OSError, EOFError, TimeoutError)

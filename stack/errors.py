"""What can go wrong around the stack.

StackError
├── NotBuiltError        a binary could not be built
├── NotRunningError      a process did not start, or ended
└── UnresolvedError      an expression names a variable that its dashboard does not have
"""


class StackError(Exception):
    """The run cannot go on, or one of its expressions cannot be asked; the reason is the message."""


class NotBuiltError(StackError):
    """Go is missing, or ended with an error."""


class NotRunningError(StackError):
    """A process that did not become ready in time, or ended before."""


class UnresolvedError(StackError):
    """A variable without a value."""

"""The exceptions: what a failed call carries."""

from lambdascope_proxy.call import Failure, OutcomeKind
from lambdascope_proxy.errors import CallFailed, LambdascopeError, SettingsError, UnknownTool


def test_a_failed_call_reads_as_its_message_and_carries_cause_and_next_step() -> None:
    failed = CallFailed(OutcomeKind.THROTTLED, "TooManyRequestsException", "Too many calls.", "Wait.")
    assert str(failed) == "Too many calls."
    assert failed.kind is OutcomeKind.THROTTLED
    assert failed.failure == Failure(error_type="TooManyRequestsException", message="Too many calls.", hint="Wait.")
    assert failed.invocation is None


def test_the_branches_of_the_tree_do_not_catch_each_other() -> None:
    # The command line exits with 2 for one and with 1 for another.
    branches = (SettingsError, UnknownTool, CallFailed)
    assert all(issubclass(branch, LambdascopeError) for branch in branches)
    assert not any(issubclass(one, other) for one in branches for other in branches if one is not other)

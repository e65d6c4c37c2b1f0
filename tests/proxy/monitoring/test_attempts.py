"""Several sources asked at once."""

import anyio
import pytest

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.attempts import Attempt, Priced, run_together

pytestmark = pytest.mark.anyio


async def seven() -> int:
    return 7


async def test_a_source_that_fails_takes_nothing_from_the_others() -> None:
    failed = CallFailed(OutcomeKind.THROTTLED, "Throttling", "slower")

    async def fail() -> int:
        raise failed

    answered, refused, unwanted = Attempt("a", seven), Attempt("b", fail), Attempt[int]("c", None)
    await run_together([answered, refused, unwanted])
    assert (answered.value, answered.failure) == (7, None)
    assert (refused.value, refused.failure) == (None, failed)
    assert (unwanted.value, unwanted.failure, unwanted.is_wanted) == (None, None, False)


async def test_they_run_at_the_same_time() -> None:
    # One after the other would wait for ever.
    met = anyio.Event()

    async def wait() -> None:
        await met.wait()

    async def meet() -> None:
        met.set()

    with anyio.fail_after(20):
        await run_together([Attempt("waits", wait), Attempt("meets", meet)])


async def test_a_defect_goes_out_as_itself() -> None:
    async def break_down() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await run_together([Attempt("a", seven), Attempt("b", break_down)])


def test_what_is_told_again_costs_nothing() -> None:
    priced = Priced(value=7, bill=Bill(region="us-east-1", metrics=9), partial=("half",))
    again = priced.as_cached()
    assert (again.value, again.partial, again.is_cached) == (7, ("half",), True)
    assert again.bill == Bill(region="us-east-1")

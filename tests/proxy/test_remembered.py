"""What is read from AWS and kept: for how long, once for all who ask, and never holding a call up for long."""

import asyncio

import anyio
import pytest

from lambdascope_proxy import remembered
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.remembered import FAILURE_STANDS_S, Remembered

pytestmark = pytest.mark.anyio
DENIED = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "AWS says no.")


class Aws:
    """Answers reads, counts them, and can be slow."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.answer: str | CallFailed = "value"
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.now = 1000.0

    async def read(self, key: tuple[str, ...]) -> str | CallFailed:
        self.reads.append(" ".join(key))
        await self.may_answer.wait()
        return self.answer

    def remembered(self, ttl_s: float = 300) -> Remembered[tuple[str, ...], str]:
        return Remembered(self.read, ttl_s=ttl_s, clock=lambda: self.now)


@pytest.fixture
async def aws() -> Aws:
    return Aws()


async def test_a_value_is_read_once_within_its_time_for_each_key(aws: Aws) -> None:
    kept = aws.remembered()
    for key in (("a",), ("a",), ("a", "b"), ("a",)):
        assert await kept.get(key) == "value"
    assert aws.reads == ["a", "a b"]
    aws.now += 300
    await kept.get(("a",))
    assert aws.reads == ["a", "a b", "a"]


async def test_those_who_ask_at_once_share_one_read(aws: Aws) -> None:
    kept = aws.remembered()
    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(kept.get, ("a",))
    assert aws.reads == ["a"]


@pytest.mark.parametrize(("ttl_s", "stands_s"), [(300.0, FAILURE_STANDS_S), (10.0, 10.0)])
async def test_a_failure_stands_for_a_minute_and_never_longer_than_a_value(
    aws: Aws, ttl_s: float, stands_s: float
) -> None:
    # A missing permission must not cost every call a request, nor last for ever.
    kept, aws.answer = aws.remembered(ttl_s), DENIED
    for _ in range(3):
        with pytest.raises(CallFailed, match="AWS says no"):
            await kept.get(("a",))
    assert len(aws.reads) == 1
    aws.answer, aws.now = "value", aws.now + stands_s
    assert await kept.get(("a",)) == "value"


async def test_a_slow_answer_holds_nobody_up_and_is_kept_when_it_comes(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "WAIT_S", 0.01)
    kept = aws.remembered()
    aws.may_answer.clear()
    with pytest.raises(CallFailed) as slow:
        await kept.get(("a", "b"))
    assert (slow.value.kind, slow.value.failure.error_type) == (OutcomeKind.TRANSPORT_ERROR, "SlowControlPlane")
    assert "a b" in str(slow.value)
    with pytest.raises(CallFailed, match="did not tell"):
        await kept.get(("a", "b"))  # at once now: what was slow a moment ago is not waited for again
    aws.may_answer.set()
    await anyio.wait_all_tasks_blocked()
    assert await kept.get(("a", "b")) == "value"
    assert aws.reads == ["a b"]


async def test_a_caller_that_goes_away_does_not_take_the_read_with_it(aws: Aws) -> None:
    kept = aws.remembered()
    aws.may_answer.clear()
    with anyio.move_on_after(0.01):
        await kept.get(("a",))
    aws.may_answer.set()
    assert await kept.get(("a",)) == "value"
    assert aws.reads == ["a"]

"""Questions that cost money: asked once by many, kept for a while, given up when nobody waits."""

import asyncio
import gc
import weakref

import anyio
import pytest

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.asked import MOST_KEPT, Asked
from lambdascope_proxy.errors import CallFailed

pytestmark = pytest.mark.anyio
DENIED = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "AWS says no.")


class Aws:
    """Answers 1, 2, 3 ...; can be slow, can fail, and notes how often it was asked and given up."""

    def __init__(self) -> None:
        self.asked = self.given_up = 0
        self.failure: CallFailed | None = None
        self.now = 1000.0
        self.may_answer = anyio.Event()
        self.was_asked = anyio.Event()
        self.was_given_up = anyio.Event()
        self.may_end = anyio.Event()
        self.may_answer.set()
        self.may_end.set()

    async def ask(self) -> int:
        self.asked += 1
        answer = self.asked
        self.was_asked.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            self.was_given_up.set()
            await self.may_end.wait()  # a query is stopped first, which takes a moment
            raise
        if self.failure:
            raise self.failure
        return answer


@pytest.fixture
async def aws() -> Aws:
    return Aws()


@pytest.fixture
async def asked(aws: Aws) -> Asked:
    return Asked(lambda: aws.now)


async def test_an_answer_stands_for_its_time_from_when_it_came(aws: Aws, asked: Asked) -> None:
    assert await asked.get("a", 30, aws.ask) == (1, False)
    aws.now += 29.9
    assert await asked.get("a", 30, aws.ask) == (1, True)
    aws.now += 0.1
    assert await asked.get("a", 30, aws.ask) == (2, False)


async def test_an_answer_in_part_is_given_to_all_who_wait_and_not_kept(aws: Aws, asked: Asked) -> None:
    answers: list[tuple[int, bool]] = []

    async def one() -> None:
        answers.append(await asked.get("a", 30, aws.ask, is_whole=lambda answer: answer > 1))

    aws.may_answer = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one)
        tasks.start_soon(one)
        await aws.was_asked.wait()
        await anyio.wait_all_tasks_blocked()
        aws.may_answer.set()
    await one()
    await one()
    assert answers == [(1, False), (1, True), (2, False), (2, True)]


async def test_an_answer_whose_time_is_over_does_not_stay_in_memory(aws: Aws, asked: Asked) -> None:
    class Rows:
        pass

    async def ask() -> Rows:
        return Rows()

    kept = weakref.ref((await asked.get("large", 30, ask))[0])
    aws.now += 29
    assert await asked.get("other", 30, aws.ask) == (1, False)
    assert kept() is not None
    aws.now += 1
    assert await asked.get("other", 30, aws.ask) == (1, True)
    gc.collect()
    assert kept() is None


async def test_different_questions_have_answers_of_their_own(aws: Aws, asked: Asked) -> None:
    assert await asked.get("a", 30, aws.ask) == (1, False)
    assert await asked.get(("a", 300), 30, aws.ask) == (2, False)


async def test_those_who_ask_at_once_share_one_question_and_one_of_them_counts_its_cost(aws: Aws, asked: Asked) -> None:
    answers: list[tuple[int, bool]] = []

    async def one() -> None:
        answers.append(await asked.get("a", 30, aws.ask))

    aws.may_answer = anyio.Event()
    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(one)
        await aws.was_asked.wait()
        await anyio.wait_all_tasks_blocked()
        aws.may_answer.set()
    assert aws.asked == 1
    assert sorted(answers) == [(1, False)] + [(1, True)] * 9


async def test_a_failure_reaches_all_who_wait_and_is_not_kept(aws: Aws, asked: Asked) -> None:
    heard: list[CallFailed] = []

    async def one() -> None:
        with pytest.raises(CallFailed) as failed:
            await asked.get("a", 30, aws.ask)
        heard.append(failed.value)

    aws.failure, aws.may_answer = DENIED, anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one)
        tasks.start_soon(one)
        await aws.was_asked.wait()
        await anyio.wait_all_tasks_blocked()
        aws.may_answer.set()
    assert heard == [DENIED, DENIED]
    aws.failure = None
    assert await asked.get("a", 30, aws.ask) == (2, False)


async def test_a_caller_who_leaves_does_not_take_the_answer_from_the_others(aws: Aws, asked: Asked) -> None:
    # The first one is cancelled: it began the question, and the second now counts its cost.
    answers: list[tuple[int, bool]] = []
    aws.may_answer = anyio.Event()

    async def patient() -> None:
        answers.append(await asked.get("a", 30, aws.ask))

    async with anyio.create_task_group() as tasks:
        with anyio.CancelScope() as impatient:
            tasks.start_soon(patient)

            async def leave() -> None:
                await aws.was_asked.wait()
                await anyio.wait_all_tasks_blocked()
                impatient.cancel()

            tasks.start_soon(leave)
            await asked.get("a", 30, aws.ask)
        assert impatient.cancelled_caught
        aws.may_answer.set()
    assert answers == [(1, False)]
    assert aws.given_up == 0


async def test_a_question_nobody_waits_for_is_given_up_and_not_joined_any_more(aws: Aws, asked: Asked) -> None:
    # Catches an Insights query that scans on, and is billed, after its only client went away.
    aws.may_answer, aws.may_end = anyio.Event(), anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(asked.get, "a", 30, aws.ask)
        await aws.was_asked.wait()
        tasks.cancel_scope.cancel()
    with anyio.fail_after(5):
        await aws.was_given_up.wait()
        aws.may_answer.set()
        assert await asked.get("a", 30, aws.ask) == (2, False)
    aws.may_end.set()
    await anyio.wait_all_tasks_blocked()
    assert await asked.get("a", 30, aws.ask) == (2, True)
    assert aws.given_up == 1


async def test_a_question_that_fails_while_it_is_given_up_disturbs_nobody(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    began, ended = anyio.Event(), anyio.Event()

    async def ask() -> int:
        began.set()
        try:
            await anyio.sleep_forever()
        finally:
            ended.set()
            raise DENIED

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(asked.get, "a", 30, ask)
        await began.wait()
        tasks.cancel_scope.cancel()
    with anyio.fail_after(5):
        await ended.wait()
    await anyio.wait_all_tasks_blocked()
    gc.collect()
    assert caplog.records == []


async def test_no_more_than_a_bounded_number_of_answers_is_kept(aws: Aws, asked: Asked) -> None:
    for key in range(MOST_KEPT + 1):
        await asked.get(key, 30, aws.ask)
    assert await asked.get(MOST_KEPT, 30, aws.ask) == (MOST_KEPT + 1, True)
    assert await asked.get(1, 30, aws.ask) == (2, True)
    assert await asked.get(0, 30, aws.ask) == (MOST_KEPT + 2, False)


async def test_an_answer_whose_time_is_over_takes_no_memory_once_another_comes(aws: Aws, asked: Asked) -> None:
    class Rows(list[int]):
        pass

    async def ask() -> Rows:
        return Rows()

    kept = weakref.ref((await asked.get("a", 30, ask))[0])
    gc.collect()
    assert kept() is not None
    aws.now += 30
    await asked.get("b", 30, ask)
    gc.collect()
    assert kept() is None

"""What looking costs: the same question is asked of AWS once, its price is in the history, and its answer is short."""

import json
import threading
import time
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.types import TextContent
from stage.answers import ask, told
from stage.busy_past import lay_busy_past
from stage.proxies import HttpProxy, Stage
from stage.waiting import eventually
from stage.watched import WatchedAws, stage_at

from lambdascope_proxy.local import LocalFunction

pytestmark = pytest.mark.anyio

ECHO = Path(__file__).parent / "functions" / "echo"
BUSY, QUIET = "look-busy", "look-quiet"
FLEET = 24
MOST_BYTES = 2_000 * 4
FREE = Decimal(0)
BEGAN = datetime.now(UTC)


@pytest.fixture(scope="module")
def aws() -> Generator[WatchedAws]:
    """A function with a past, one without, and many with long names that ran once."""
    fleet = [f"look-{number:02}-{'x' * 56}" for number in range(FLEET)]
    functions = [LocalFunction(name=name, code=ECHO, memory_mb=10_240) for name in (BUSY, QUIET, *fleet)]
    now_ms = round(time.time() * 1000)
    with WatchedAws(functions) as made:
        for name in fleet:
            lay_busy_past(made.journal, name, now_ms, executions=1)
        lay_busy_past(made.journal, BUSY, now_ms)
        yield made


@pytest.fixture(scope="module")
def stage(house: Stage, aws: WatchedAws, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    made = stage_at(house, aws, tmp_path_factory.mktemp("budget"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def proxy(stage: Stage) -> HttpProxy:
    return stage.serve_http()


@pytest.fixture
async def clients(proxy: HttpProxy, aws: WatchedAws) -> AsyncGenerator[tuple[Client, Client]]:
    """Two agents at one proxy."""
    async with proxy.client() as one, proxy.client() as other:
        aws.forget()
        yield one, other


CHARGED = ("GetMetricData", "StartQuery")
QUESTIONS: list[tuple[str, dict[str, Any], str, tuple[int, int]]] = [
    ("monitor_executions", {"function_name": BUSY}, "GetMetricData", (1, 2)),
    ("monitor_fleet", {}, "GetMetricData", (1, 0)),
    ("query_logs", {"function_names": [BUSY], "preset": "slowest"}, "GetQueryResults", (0, 1)),
]


def charged(aws: WatchedAws) -> tuple[int, ...]:
    """How many metric requests and how many queries came to AWS."""
    return tuple(aws.asked()[operation] for operation in CHARGED)


def bill_of(answer: dict[str, Any]) -> dict[str, Any]:
    return answer["bill"]


def cost_of(answer: dict[str, Any]) -> Decimal:
    return Decimal(bill_of(answer)["cost_usd"])


def is_kept(answer: dict[str, Any]) -> bool:
    return answer["cached"]


def past(minutes_ago: int) -> dict[str, str]:
    """Forty minutes of the past: a range that ends now would be another one as soon as a minute is over."""
    end = BEGAN - timedelta(minutes=minutes_ago)
    return {"start": (end - timedelta(minutes=40)).isoformat(), "end": end.isoformat()}


class Gate:
    """Holds an operation of AWS back until it is opened."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def open(self) -> None:
        self._event.set()

    def play(self, true: Any, _: Any) -> Any:
        self._event.wait(30)
        return true()


class Asker:
    """One agent's question under way; it has been heard by the proxy once there is progress."""

    def __init__(self, client: Client, tool: str, arguments: dict[str, Any]) -> None:
        self._client, self._tool, self._arguments = client, tool, arguments
        self.answer: dict[str, Any] = {}
        self.is_heard = False

    async def ask(self) -> None:
        self.answer = told(await self._client.call_tool(self._tool, self._arguments, progress_callback=self._hear))

    async def _hear(self, progress: float, total: float | None, message: str | None) -> None:
        self.is_heard = True


@pytest.mark.parametrize(("tool", "arguments", "held", "requests"), QUESTIONS, ids=[each[0] for each in QUESTIONS])
async def test_two_agents_with_the_same_question_at_once_make_one_set_of_requests_and_one_pays(
    clients: tuple[Client, Client],
    aws: WatchedAws,
    tool: str,
    arguments: dict[str, Any],
    held: str,
    requests: tuple[int, int],
) -> None:
    gate, askers = Gate(), [Asker(client, tool, {**arguments, "time_range": past(20)}) for client in clients]
    with aws.playing(held, gate.play):
        async with anyio.create_task_group() as tasks:
            for asker in askers:
                tasks.start_soon(asker.ask)
            # Held until both are in: one who came later would be answered from memory, which is another thing.
            await eventually(lambda: all(asker.is_heard for asker in askers))
            gate.open()
    assert charged(aws) == requests
    one, other = (asker.answer for asker in askers)
    assert not one["is_error"]
    assert not other["is_error"]
    assert min(cost_of(one), cost_of(other)) == FREE < max(cost_of(one), cost_of(other))
    paid = {key: bill_of(one)[key] + bill_of(other)[key] for key in ("get_metric_data_calls", "insights_queries")}
    assert tuple(paid.values()) == requests


@pytest.mark.parametrize(
    ("tool", "arguments", "requests"),
    [(tool, arguments, requests) for tool, arguments, _, requests in QUESTIONS],
    ids=[each[0] for each in QUESTIONS],
)
async def test_a_question_asked_again_is_answered_alike_from_memory_and_its_row_costs_nothing(
    clients: tuple[Client, Client],
    aws: WatchedAws,
    stage: Stage,
    tool: str,
    arguments: dict[str, Any],
    requests: tuple[int, int],
) -> None:
    known = len(stage.rows(f"tool_name = '{tool}'"))
    first, again = [await ask(client, tool, **arguments, time_range=past(30)) for client in clients]
    assert charged(aws) == requests
    assert (is_kept(first), is_kept(again)) == (False, True)
    assert cost_of(first) > cost_of(again) == FREE
    told_again = ("invocations", "totals", "rows")
    assert [again.get(key) for key in told_again] == [first.get(key) for key in told_again]
    rows = await eventually(lambda: (found := stage.rows(f"tool_name = '{tool}'"))[known + 1 :] and found)
    assert (rows[-1]["outcome"], rows[-1]["target"], rows[-1]["cost_usd"]) == ("ok", "cloudwatch", FREE)


async def test_another_question_is_asked_of_aws(clients: tuple[Client, Client], aws: WatchedAws) -> None:
    """Answers kept under too wide a key would be those of another function, range or choice of figures."""
    asked = {"function_name": BUSY, "time_range": past(50), "include_errors": False}
    busy = await ask(clients[0], "monitor_executions", **asked)
    changes: list[dict[str, Any]] = [
        {"function_name": QUIET},
        {"time_range": past(52)},
        {"metric_types": ["duration"]},
        {"qualifier": "$LATEST"},
    ]
    for changed in changes:
        aws.forget()
        other = await ask(clients[0], "monitor_executions", **{**asked, **changed})
        assert aws.asked()["GetMetricData"] == 1, changed
        assert not other["cached"]
    assert busy["invocations"]["count"] > 0


async def test_one_of_two_who_leaves_takes_nothing_from_the_other(
    clients: tuple[Client, Client], aws: WatchedAws, stage: Stage
) -> None:
    gate = Gate()
    asked = {"function_names": [BUSY], "query": "fields @message", "time_range": past(60)}
    leaving, staying = (Asker(client, "query_logs", asked) for client in clients)
    with aws.playing("GetQueryResults", gate.play):
        async with anyio.create_task_group() as tasks:
            async with anyio.create_task_group() as soon_over:
                soon_over.start_soon(leaving.ask)
                await eventually(lambda: leaving.is_heard)
                tasks.start_soon(staying.ask)
                await eventually(lambda: staying.is_heard)
                soon_over.cancel_scope.cancel()
            await eventually(lambda: stage.rows("outcome = 'cancelled'"))
            gate.open()
    assert staying.answer["row_count"] > 0
    assert (aws.asked()["StartQuery"], aws.asked()["StopQuery"]) == (1, 0)


async def test_every_answer_states_its_price_and_the_history_has_the_same(
    clients: tuple[Client, Client], stage: Stage
) -> None:
    """Prices of us-east-1: $0.01 for a thousand metrics asked for, $0.005 for a gigabyte scanned."""
    for tool, arguments, _, _ in QUESTIONS:
        answer = await ask(clients[0], tool, **arguments, time_range=past(70))
        bill = bill_of(answer)
        exact = Decimal(bill["metrics_requested"]) / 100_000 + Decimal(bill["scanned_bytes"]) * 5 / 10**12
        assert Decimal(bill["cost_usd"]) == exact > 0
        rows = await eventually(
            lambda tool=tool, exact=exact: stage.rows(f"tool_name = '{tool}' AND cost_usd = {exact:f}::DECIMAL(18, 12)")
        )
        assert {(row["target"], row["outcome"], row["cost_source"]) for row in rows} == {
            ("cloudwatch", "ok", "estimated")
        }
        assert answer["texts"][0].count("$") >= 1


async def size_of(client: Client, tool: str, **arguments: Any) -> int:
    """The bytes of an answer: its text and its structured content, as they are sent."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error
    structured = json.dumps(result.structured_content, ensure_ascii=False, separators=(",", ":"))
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    return len("".join([*texts, structured]).encode())


@pytest.mark.parametrize("time_range", [{}, {"last": "58m"}, {"last": "2w"}], ids=str)
async def test_an_answer_about_a_busy_function_fits_two_thousand_tokens(
    clients: tuple[Client, Client], time_range: dict[str, str]
) -> None:
    """Thousands of executions, twelve kinds of error with long names, messages and stacks beyond ASCII, 60 points."""
    answer = await ask(clients[0], "monitor_executions", function_name=BUSY, time_range=time_range)
    assert len(answer["top_errors"]) == 5
    assert all(error["message"] and error["stack"] and error["request_id"] for error in answer["top_errors"])
    assert len(answer["series"]["invocations"]) > 30
    assert await size_of(clients[0], "monitor_executions", function_name=BUSY, time_range=time_range) <= MOST_BYTES


async def test_an_answer_about_a_fleet_with_long_names_fits_two_thousand_tokens(
    clients: tuple[Client, Client], aws: WatchedAws
) -> None:
    answer = await ask(clients[0], "monitor_fleet", time_range={"last": "3h"})
    assert (len(answer["functions"]), answer["not_listed"]) == (20, FLEET + 1 - 20)
    assert await size_of(clients[0], "monitor_fleet", time_range={"last": "3h"}) <= MOST_BYTES

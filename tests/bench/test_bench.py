"""The benchmark's own tools speak the protocols they claim to and refuse wrong answers; nothing here is timed."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from bench.answers import answer_to, payload_for
from bench.boto3_worker import boto3_worker
from bench.contestants import Contestant
from bench.errors import NotRunningError, WrongAnswerError
from bench.figures import Row, Section, Target
from bench.http_connection import HttpConnection
from bench.messages import LEGACY, MODERN, question, tool_call
from bench.process_cost import cpu_seconds, memory_mb, tree_cpu_seconds
from bench.report import as_data, as_table
from bench.rounds import Sample, interleave
from bench.stage import Stage, set_stage
from bench.stub_functions import NAMES
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdascope_proxy.report import decode_tail, parse_report


def on_stage(folder: Path, act: Callable[[Stage], Awaitable[None]]) -> None:
    """Run an act on a stage of its own."""

    async def perform() -> None:
        async with asyncio.timeout(60), set_stage(folder, None, rounds=1, slow=False) as stage:
            await act(stage)

    asyncio.run(perform())


def aws(stage: Stage, service: Any) -> Any:
    untyped: Any = boto3  # its stubs know only the services whose own stubs are installed
    return untyped.client(
        service,
        endpoint_url=f"http://127.0.0.1:{stage.stub_port}",
        region_name="us-east-1",
        aws_access_key_id="AKIABENCH",
        aws_secret_access_key="bench",
        config=Config(retries={"total_max_attempts": 1}),
    )


def invoke(stage: Stage, function: str, number: int, **options: str) -> dict[str, Any]:
    payload = f'{{"number":{payload_for(number)["number"]}}}'
    return aws(stage, "lambda").invoke(FunctionName=function, Payload=payload, **options)


def test_boto3_reads_what_the_stub_says_about_functions(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        client = aws(stage, "lambda")
        listed = await asyncio.to_thread(client.list_functions)
        assert [function["FunctionName"] for function in listed["Functions"]] == list(NAMES)
        arn = listed["Functions"][0]["FunctionArn"]
        for name in (NAMES[0], arn):
            assert (await asyncio.to_thread(client.get_function_configuration, FunctionName=name))["Timeout"] == 900
            described = await asyncio.to_thread(client.get_function, FunctionName=name)
            assert described["Configuration"]["MemorySize"] == 256
        assert (await asyncio.to_thread(client.list_tags, Resource=arn))["Tags"] == {}

    on_stage(tmp_path, act)


def test_boto3_reads_what_the_stub_says_about_the_account(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        identity = await asyncio.to_thread(aws(stage, "sts").get_caller_identity)
        assert identity["Account"] == "123456789012"
        resources = await asyncio.to_thread(aws(stage, "resourcegroupstaggingapi").get_resources)
        assert resources["ResourceTagMappingList"] == []

    on_stage(tmp_path, act)


def test_an_unknown_function_is_not_found(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        with pytest.raises(ClientError) as raised:
            await asyncio.to_thread(invoke, stage, "bench-unknown", 1)
        assert str(raised.value).startswith("An error occurred (ResourceNotFoundException)")

    on_stage(tmp_path, act)


def test_the_report_in_the_log_tail_carries_the_id_of_the_response(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        answer = await asyncio.to_thread(invoke, stage, "bench-5ms", 7, LogType="Tail")
        assert answer["Payload"].read().decode() == f'{{"answer":"{answer_to(7)}"}}'
        assert answer["ExecutedVersion"] == "$LATEST"
        request_id = answer["ResponseMetadata"]["RequestId"]
        report = parse_report(decode_tail(answer["LogResult"]), request_id)
        assert report is not None
        assert (report.request_id, report.billed_ms, report.memory_mb) == (request_id, 5, 256)
        assert "LogResult" not in await asyncio.to_thread(invoke, stage, "bench-5ms", 8)

    on_stage(tmp_path, act)


def raw_invoke(function: str) -> bytes:
    body = b'{"number": 1}'
    line = f"POST /2015-03-31/functions/{function}/invocations HTTP/1.1"
    return f"{line}\r\nHost: stub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_the_stub_counts_invocations_and_the_most_at_once(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        # On connections that are open already, so that the three meet however busy the machine is.
        connections = [await HttpConnection.open(stage.stub_port) for _ in range(3)]
        answers = await asyncio.gather(*(connection.exchange(raw_invoke("bench-1s")) for connection in connections))
        assert [answer.status for answer in answers] == [200] * 3
        for _ in range(2):
            assert (await connections[0].exchange(raw_invoke("bench-0ms"))).status == 200
        for connection in connections:
            connection.close()
        assert await stage.counts("bench-1s") == {"invokes": 3, "in_flight": 0, "max_in_flight": 3}
        assert await stage.counts("bench-0ms") == {"invokes": 2, "in_flight": 0, "max_in_flight": 1}
        await stage.reset_counts()
        assert (await stage.counts("bench-1s"))["invokes"] == 0

    on_stage(tmp_path, act)


def test_the_sink_counts_posts_by_path(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        tracer = stage.lineup.lambdascope("traced")
        assert await stage.trace_posts(tracer) == 0
        connection = await HttpConnection.open(stage.sink_port)
        for path in (tracer.traces_path, tracer.traces_path, "/other/v1/traces"):
            request = f"POST {path} HTTP/1.1\r\nHost: sink\r\nContent-Length: 3\r\n\r\nabc"
            assert (await connection.exchange(request.encode())).status == 200
        connection.close()
        assert await stage.trace_posts(tracer) == 2

    on_stage(tmp_path, act)


@pytest.mark.parametrize(("over_http", "revision"), [(True, MODERN), (True, LEGACY), (False, LEGACY), (False, MODERN)])
def test_clients_get_every_answer_of_an_sdk_server(tmp_path: Path, over_http: bool, revision: str) -> None:
    """Catches a client that mixes answers up, loses one, or speaks a revision the SDK refuses."""

    async def act(stage: Stage) -> None:
        bare = stage.lineup.bare_sdk("bare", over_http=over_http)
        contestant = Contestant(
            name=bare.name,
            argv=bare.argv,
            environment=bare.environment,
            ask=bare.ask,
            over_http=over_http,
            revision=revision,
            reaches_lambda=False,
        )
        async with stage.session(contestant) as session:
            for _ in range(2):  # connections of the second load are new ones
                await stage.load(contestant, session, "bench-0ms", calls=40, callers=8)
            listed = question(1, "tools/list", {}, revision=revision, expects=b'"noop"')
            (channel,) = await session.channels(1)
            listed.check(await channel.exchange(listed))

    on_stage(tmp_path, act)


def test_plain_boto3_makes_one_invocation_per_call(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        async with boto3_worker(stage) as worker:
            took = await worker.load("bench-20ms", 16, 8)
        assert took["max_in_flight"] > 1
        assert took["cpu_s"] > 0

    on_stage(tmp_path, act)


@pytest.mark.parametrize(
    "answer",
    [
        b'{"jsonrpc":"2.0","id":6,"result":{"content":[{"type":"text","text":"a00000005z"}],"isError":false}}',
        b'{"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":"a00000005z"}],"isError":true}}',
        b'{"jsonrpc":"2.0","id":5,"error":{"code":-32603,"message":"a00000005z"}}',
        b'{"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":"5"}],"isError":false}}',
    ],
    ids=["another id", "tool error", "protocol error", "no answer in it"],
)
def test_a_wrong_answer_is_refused(answer: bytes) -> None:
    with pytest.raises(WrongAnswerError):
        tool_call(5, "any", {}, revision=LEGACY).check(answer)


def test_a_question_does_not_hold_its_answer() -> None:
    asked = tool_call(5, "any", payload_for(5), revision=MODERN)
    assert asked.expects not in asked.body


def test_a_server_that_fails_to_start_says_why(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        argv = (sys.executable, "-c", "raise SystemExit('no such luck')")
        bare = stage.lineup.bare_sdk("broken")
        broken = Contestant(name="broken", argv=argv, environment={}, ask=bare.ask)
        with pytest.raises(NotRunningError, match="no such luck"):
            async with stage.session(broken):
                pass

    on_stage(tmp_path, act)


def test_cpu_of_a_process_is_its_own_clock_and_grows_with_its_children() -> None:
    before, own, after = time.process_time(), cpu_seconds(os.getpid()), time.process_time()
    assert before <= own <= after
    burn = "import time\nwhile time.process_time() < 0.1: pass\nprint(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert tree_cpu_seconds(os.getpid()) - cpu_seconds(os.getpid()) >= 0.099
        assert 1 < memory_mb(child.pid) <= memory_mb(child.pid, "VmHWM")
        child.communicate(b"\n")


def test_ratios_pair_the_figures_of_the_same_round() -> None:
    """Catches a ratio of medians (here 0.25), which a drifting machine distorts."""
    baseline, own = iter([10.0, 40.0, 20.0]), iter([5.0, 4.0, 20.0])

    async def base() -> Sample:
        return {"x": next(baseline)}

    async def subject() -> Sample:
        return {"x": next(own)}

    async def broken() -> Sample:
        raise WrongAnswerError("no")

    rounds = asyncio.run(interleave("test", 3, {"base": base, "subject": subject, "broken": broken}))
    assert rounds.median_ratio("x", "subject", "base") == 0.5
    assert rounds.median_ratio("x", "subject", "base", "base") == 0.25
    assert rounds.medians("base") == {"x": 20.0}
    assert rounds.failures == {"broken": "no"}
    assert rounds.median_ratio("x", "broken", "base") is None


def test_the_table_says_plainly_what_is_not_met_and_what_was_not_run() -> None:
    target = Target(column="ms", bound=5, at_most=True)
    rows = (
        Row(subject="good", figures={"ms": 5.0}, target=target),
        Row(subject="bad", figures={"ms": 5.01}, target=target),
        Row(subject="absent", figures={}, target=target, remark="it does not start"),
    )
    section = Section(title="Waiting", rows=rows)
    title, _, good, bad, absent = as_table(section).splitlines()
    assert title == "Waiting"
    assert good.split() == ["good", "5", "ms", "<=", "5", "met"]
    assert bad.split() == ["bad", "5.01", "ms", "<=", "5", "not", "met"]
    assert absent.split(maxsplit=4)[4] == "not run: it does not start"
    data = as_data({"cores": "2"}, [section])
    assert [row["verdict"] for row in data["sections"][0]["rows"]] == ["met", "not met", ""]

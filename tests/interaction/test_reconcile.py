"""What the logs tell afterwards: asynchronous calls, calls without a report, and executions that came another way.

Everything runs for real: the proxy, the functions, Lambda's retries, the log group, Logs Insights. What the history
says in the end is compared with what the local AWS itself noted of each attempt.
"""

import json
import subprocess
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from stage.answers import invoke
from stage.proxies import COMMAND, Stage
from stage.waiting import eventually

from lambdascope_analytics.pricing import load_rates, price_invocation
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.call import call_ids
from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.local.logs import InvocationRecord

pytestmark = pytest.mark.anyio

CODE = {
    "fine": "def handler(event, context):\n    return event\n",
    "raiser": "def handler(event, context):\n    raise KeyError('no such order')\n",
    "flaky": (
        "import os\n\ndef handler(event, context):\n"
        "    if not os.path.exists(event['marker']):\n        open(event['marker'], 'w').close()\n"
        "        raise ValueError('not yet')\n"
    ),
    "sleeper": "import time\n\ndef handler(event, context):\n    time.sleep(60)\n",
    "hog": (
        "def handler(event, context):\n    kept = []\n"
        "    while True:\n        kept.append(bytearray(b'x' * 1_000_000))\n"
    ),
    "broken": "import no_such_module\n",
}
ATTEMPTS = {"fine": 1, "raiser": 3, "flaky": 2, "sleeper": 3, "hog": 3, "broken": 3}
OUTCOMES = {
    "fine": ("ok", None),
    "raiser": ("function_error", "KeyError"),
    "flaky": ("ok", None),
    "sleeper": ("function_timeout", "Sandbox.Timedout"),
    "hog": ("out_of_memory", "Runtime.OutOfMemory"),
    "broken": ("function_error", "Runtime.ImportModuleError"),
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalAws]:
    """Each function twice, logging as text and as JSON; the JSON ones share a log group of their own name."""
    root = tmp_path_factory.mktemp("code")
    functions: list[LocalFunction] = []
    for name, code in CODE.items():
        (root / name).mkdir()
        (root / name / "app.py").write_text(code)
        text = LocalFunction(name=f"rec-{name}", code=root / name, timeout_s=1 if name == "sleeper" else 10)
        as_json = replace(text, name=f"rec-{name}-json", log_format="JSON", log_group="/team/shared")
        functions += [text, as_json]
    with LocalAws(functions, event_retry_delays_s=(0.05, 0.05)) as made:
        yield made


@pytest.fixture
def here(aws: LocalAws, clean_environment: dict[str, str], tmp_path: Path) -> Generator[Stage]:
    """A proxy of this account with a history of the test."""
    directory = tmp_path / "history"
    environment = {
        **clean_environment,
        **aws.environment(),
        "FUNCTION_PREFIX": "rec-",
        "LAMBDASCOPE_HISTORY_DIR": str(directory),
    }
    made = Stage(environment=environment, history_directory=directory)
    yield made
    made.close()


@dataclass(frozen=True)
class Told:
    """What `lambdascope history ... --json` printed."""

    report: dict[str, Any]

    @property
    def counts(self) -> dict[str, int]:
        return {name: value for name, value in self.report.items() if isinstance(value, int)}


def run(stage: Stage, *arguments: str) -> Told:
    done = stage.run("history", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return Told(json.loads(done.stdout))


def noted(aws: LocalAws, request_id: str) -> list[InvocationRecord]:
    """The attempts at a request as the local AWS noted them."""
    return [record for record in aws.journal.invocations() if record.request_id == request_id]


def price(records: list[InvocationRecord]) -> Decimal:
    rates = load_rates()
    prices = [
        price_invocation(
            rates, region="us-east-1", architecture="x86_64", memory_mb=each.memory_mb, billed_ms=each.billed_ms
        )
        for each in records
    ]
    return sum((each.amount for each in prices), Decimal(0)).quantize(Decimal("1e-12"))


def assert_agrees(row: dict[str, Any], records: list[InvocationRecord]) -> None:
    """The row has the figures of the last attempt and the sums of what all of them billed."""
    last = records[-1]
    assert (row["duration_ms"], row["init_ms"], row["memory_mb"], row["max_memory_mb"]) == (
        last.duration_ms,
        last.init_ms,
        last.memory_mb,
        last.max_memory_mb,
    )
    assert row["billed_ms"] == sum(record.billed_ms for record in records)
    assert row["cold_start"] is (last.init_ms is not None)
    assert (row["cost_usd"], row["cost_source"]) == (price(records), "logs")
    assert (row["executed_version"], row["rates_version"]) == (last.version, load_rates().version)


@pytest.mark.parametrize("suffix", ["", "-json"], ids=["text logs", "JSON logs"])
async def test_asynchronous_calls_are_completed_as_aws_knows_them(
    here: Stage, aws: LocalAws, tmp_path: Path, suffix: str
) -> None:
    ids: dict[str, str] = {}
    async with here.client("stdio") as client:
        for name in CODE:
            payload = {"marker": str(tmp_path / "been here")}
            answer = await invoke(client, f"rec-{name}{suffix}", payload, invocation_type="Event")
            assert answer["outcome"] == "accepted"
            ids[name] = answer["request_id"]
    for name, request_id in ids.items():
        await eventually(lambda name=name, request_id=request_id: len(noted(aws, request_id)) == ATTEMPTS[name])
    told = run(here, "reconcile")
    assert told.counts == {"looked": 6, "completed": 6, "still_pending": 0, "not_found": 0, "skipped": 0}
    rows = {row["request_id"]: row for row in here.rows("target = 'lambda'")}
    for name, request_id in ids.items():
        row = rows[request_id]
        assert_agrees(row, noted(aws, request_id))
        assert (row["outcome"], row["error_type"]) == OUTCOMES[name]
        assert (row["invocation_type"], row["overhead_ms"]) == ("Event", None)
    assert "no such order" in rows[ids["raiser"]]["error_message"]
    assert rows[ids["raiser"]]["error_fingerprint"]
    (spent,) = here.rows("target = 'cloudwatch'")
    (bill,) = told.report["bills"]
    assert (spent["tool_name"], f"{spent['cost_usd']:f}") == ("reconcile", bill["cost_usd"])
    assert bill["scanned_bytes"] > 0
    again = run(here, "reconcile")
    assert (again.counts["looked"], again.report["bills"]) == (0, [])
    assert len(here.rows()) == 7


async def test_an_error_has_the_same_fingerprint_whether_somebody_waited_for_it_or_not(
    here: Stage, aws: LocalAws
) -> None:
    async with here.client("stdio") as client:
        for kind in ("Event", "RequestResponse"):
            for name in ("rec-raiser", "rec-raiser-json"):
                answer = await invoke(client, name, {}, invocation_type=kind)
                attempts = 3 if kind == "Event" else 1
                await eventually(lambda a=answer, n=attempts: len(noted(aws, a["request_id"])) == n)
    run(here, "reconcile")
    rows = here.rows("target = 'lambda'")
    assert len(rows) == 4
    assert len({(row["outcome"], row["error_type"], row["error_fingerprint"]) for row in rows}) == 1


async def test_a_call_whose_report_did_not_come_is_completed_and_keeps_what_its_caller_was_told(
    here: Stage, aws: LocalAws
) -> None:
    """As when the log tail was cut: the row is as the proxy writes it then."""
    client = boto3.client("lambda", **at(aws))
    answer = client.invoke(FunctionName="rec-raiser", Payload=b"{}")
    request_id = answer["ResponseMetadata"]["RequestId"]
    (record,) = noted(aws, request_id)
    store(
        here,
        call_id="01935a2b-7c00-7000-8000-000000000001",
        started_at=datetime.fromtimestamp(record.started_ms / 1000, UTC),
        function_name="rec-raiser",
        outcome="function_error",
        error_type="KeyError",
        error_message="as it was told",
        request_id=request_id,
        invoke_ms=5000.0,
        cost_usd=Decimal(1),
        cost_source="estimated",
    )
    assert run(here, "reconcile").counts["completed"] == 1
    (completed,) = here.rows("target = 'lambda'")
    assert_agrees(completed, [record])
    assert (completed["outcome"], completed["error_message"]) == ("function_error", "as it was told")
    assert completed["overhead_ms"] == round(5000.0 - record.duration_ms - (record.init_ms or 0), 3)


async def test_what_the_logs_do_not_tell_of_stays_open_and_what_may_not_be_seen_is_named(here: Stage) -> None:
    for name in ("rec-fine", "payroll"):
        store(here, call_id=call_ids.next(), function_name=name, outcome="accepted", request_id=f"unheard-{name}")
    async with here.client("stdio") as client:
        await invoke(client, "rec-fine", {})  # so that there is a log group
    done = here.run("history", "reconcile")
    assert done.returncode == 0, done.stderr
    assert "1   that could not be looked for" in done.stdout
    assert "payroll" in done.stderr
    assert {row["outcome"] for row in here.rows("request_id LIKE 'unheard%'")} == {"accepted"}


@pytest.mark.parametrize(
    ("suffix", "names"),
    [("", ("raiser", "sleeper", "hog", "fine")), ("-json", ("raiser", "fine"))],
    ids=["text logs", "JSON logs"],
)
async def test_past_executions_are_imported_once_however_often_and_marked_as_such(
    here: Stage, aws: LocalAws, suffix: str, names: tuple[str, ...]
) -> None:
    direct = boto3.client("lambda", **at(aws))
    before = {record.request_id for record in aws.journal.invocations()}
    for name in names:
        direct.invoke(FunctionName=f"rec-{name}{suffix}", Payload=b"{}")
    async with here.client("stdio") as client:
        ours = (await invoke(client, f"rec-fine{suffix}", {}))["request_id"]
    new = {record.request_id: record for record in aws.journal.invocations() if record.request_id not in before}
    for name in names:
        told = run(here, "backfill", f"rec-{name}{suffix}", "--last", "1h")
        assert told.counts["known"] == (1 if name == "fine" else 0)
        assert told.counts["found"] == told.counts["known"] + told.counts["imported"]
    again = run(here, "backfill", f"rec-fine{suffix}", "--last", "1h")
    assert (again.counts["imported"], again.counts["known"]) == (0, told.counts["found"])
    rows = {row["request_id"]: row for row in here.rows("transport = 'backfill'") if row["request_id"] in new}
    assert rows.keys() == new.keys() - {ours}
    for request_id, row in rows.items():
        name = row["function_name"].removeprefix("rec-").removesuffix("-json")
        assert_agrees(row, [new[request_id]])
        assert (row["outcome"], row["error_type"]) == OUTCOMES[name]
        assert (row["tool_name"], row["total_ms"], row["target"]) == (None, None, "lambda")
    ids = [row["call_id"] for row in here.rows()]
    assert len(set(ids)) == len(ids)
    spent = here.rows("tool_name = 'backfill'")
    assert [row["target"] for row in spent] == ["cloudwatch"] * (len(names) + 1)


def test_two_backfills_at_once_import_each_execution_once(here: Stage, aws: LocalAws) -> None:
    direct = boto3.client("lambda", **at(aws))
    for _ in range(5):
        direct.invoke(FunctionName="rec-fine", Payload=b"{}")
    command = [*COMMAND, "history", "backfill", "rec-fine", "--last", "1h", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen(command, env=here.environment, **pipes) for _ in "ab"]
    ended = [(process.communicate(timeout=60), process.returncode) for process in both]
    for (_, complaint), code in ended:
        assert code == 0 or b"another backfill" in complaint
    assert any(code == 0 for _, code in ended)
    ids = [(row["request_id"], row["call_id"]) for row in here.rows("transport = 'backfill'")]
    runs = [record.request_id for record in aws.journal.invocations() if record.function_name == "rec-fine"]
    assert sorted(request_id for request_id, _ in ids) == sorted(runs)
    assert len({call_id for _, call_id in ids}) == len(ids)


def at(aws: LocalAws) -> dict[str, Any]:
    """What leads a boto3 client to this AWS."""
    return {
        "endpoint_url": aws.endpoint_url,
        "region_name": "us-east-1",
        "aws_access_key_id": "local",
        "aws_secret_access_key": "local",
    }


def store(stage: Stage, **columns: Any) -> None:
    """Writes a call into the history as a proxy does that has ended."""
    writer = SpoolWriter(stage.history_directory)
    usual = {"started_at": datetime.now(UTC), "target": "lambda", "region": "us-east-1", "account_id": "123456789012"}
    assert writer.append({**usual, **columns})
    assert writer.close(30)

"""Execution environments: init, limits, failures and logs, with our runtime and beside AWS's own."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.local import LocalFunction
from lambdascope_proxy.local.environment import Environment, EnvironmentClosedError, Execution
from lambdascope_proxy.local.logs import Journal
from lambdascope_proxy.local.process import BOOTSTRAP_COMMAND
from lambdascope_proxy.local.runtime_api import Event

REQUEST_ID = "5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80"
AWS_RUNTIME_COMMAND = (sys.executable, "-B", "-m", "awslambdaric")
Run = Callable[..., Environment]


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def environment_of(journal: Journal, write_code: Callable[[str], Path]) -> Iterator[Run]:
    """Make the environment of a function with this source."""
    made: list[Environment] = []

    def make(source: str, *, init_timeout_s: float = 10, command: Any = BOOTSTRAP_COMMAND, **more: Any) -> Environment:
        function = LocalFunction(name="f", code=write_code(source), **{"timeout_s": 30, **more})
        environment = Environment(
            function,
            "$LATEST",
            journal,
            aws_env={"AWS_REGION": "eu-west-1"},
            command=command,
            init_timeout_s=init_timeout_s,
        )
        made.append(environment)
        return environment

    yield make
    for environment in made:
        environment.close()


def invoke(environment: Environment, payload: Any = None) -> Execution:
    trace = "Root=1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12;Parent=3c9e1f7a5b2d4860;Sampled=0"
    event = Event(request_id=REQUEST_ID, payload=json.dumps(payload).encode(), arn="arn:f", trace_id=trace)
    return environment.invoke(event)


def messages(journal: Journal) -> list[str]:
    return [event.message for event in journal.events()]


HANDLERS = {
    "success": "def handler(e, c): return {'n': 1, 'text': 'grün', 'list': (1, None, True), 'x': 0.5}",
    "bytes": "def handler(e, c): return b'raw \\xff'",
    "bytes inside": "def handler(e, c): return {'a': b'text'}",
    "raise": "def handler(e, c): raise KeyError('no such order')",
    "no message": "def handler(e, c): raise ValueError",
    "several lines": "def handler(e, c): raise ValueError('one\\ntwo')",
    "deep": "def inner(x):\n    return 1 / x\n\ndef handler(e, c):\n    return inner(0)",
    "nested": """
        def handler(e, c):
            try:
                {}["a"]
            except KeyError as error:
                raise RuntimeError("could not look it up") from error
    """,
    "custom class": "class DeclinedError(Exception): pass\ndef handler(e, c): raise DeclinedError('5', 3)",
    "not serialisable": "def handler(e, c): return {1, 2}",
    "circular": "def handler(e, c):\n    x = []\n    x.append(x)\n    return x",
    "sys.exit": "import sys\ndef handler(e, c): sys.exit(3)",
    "sys.exit without a reason": "import sys\ndef handler(e, c): sys.exit()",
    "killed": "import os, signal\ndef handler(e, c): os.kill(os.getpid(), signal.SIGSEGV)",
    "import error": "import no_such_module",
    "syntax error": "def handler(e, c):\n    return (",
    "raise at import": "raise OSError('no disk')",
    "exit at import": "import sys\nsys.exit(4)",
    "no handler": "def other(e, c): pass",
    "context": """
        def handler(e, c):
            return [c.aws_request_id, c.function_name, c.function_version, c.memory_limit_in_mb, c.log_group_name,
                    c.invoked_function_arn, c.client_context, c.identity.cognito_identity_id, c.tenant_id, c.w3c(),
                    0 < c.get_remaining_time_in_millis() <= 30_000, e]
    """,
    "log": """
        import logging
        def handler(e, c):
            logging.getLogger().warning("careful %s", 1)
            logging.getLogger().info("not shown")
            print("printed", 1)
    """,
}


@pytest.mark.skipif(sys.platform != "linux", reason="AWS publishes its runtime client for Linux only")
@pytest.mark.parametrize("log_format", ["Text", "JSON"])
@pytest.mark.parametrize("name", HANDLERS)
def test_our_runtime_behaves_as_the_one_of_aws(
    name: str, log_format: str, environment_of: Run, journal: Journal
) -> None:
    """Same response or error payload, same kind of end, same application log."""
    seen: list[tuple[bytes, str, str | None, str]] = []
    for command in (BOOTSTRAP_COMMAND, AWS_RUNTIME_COMMAND):
        before = len(messages(journal))
        environment = environment_of(HANDLERS[name], command=command, log_format=log_format)
        execution = invoke(environment, {"key": "välue"})
        report = execution.report
        code = str(environment.function.code)
        payload = execution.payload.replace(code.encode(), b"CODE")
        seen.append((payload, report.status, report.error_type, _application_log(messages(journal)[before:], code)))
    assert seen[0] == seen[1]


def _application_log(texts: list[str], code: str) -> str:
    """What was written, as one text: without a pipe of its own the client of AWS splits events at newlines."""
    ours = re.compile(r"INIT_START|INIT_REPORT|REPORT|.*\"type\":\"platform\.|.*LAMBDA_WARNING")
    when = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
    return "".join(when.sub("WHEN", text.replace(code, "CODE")) for text in texts if not ours.match(text))


def test_an_environment_is_initialised_once_and_then_reused(environment_of: Run) -> None:
    environment = environment_of("calls = []\ndef handler(e, c):\n    calls.append(e)\n    return len(calls)")
    first, second = invoke(environment), invoke(environment)
    assert (first.payload, second.payload) == (b"1", b"2")
    assert first.report.init_ms is not None
    assert second.report.init_ms is None
    assert b"Init Duration: " in first.log_tail
    assert b"Init Duration: " not in second.log_tail
    assert environment.is_reusable


def test_the_log_is_in_order_with_the_frame_around_it(environment_of: Run, journal: Journal) -> None:
    """Both streams share one pipe; output that ends without a newline must not run into END."""
    source = """
        import sys
        print("loading")
        def handler(e, c):
            for n in range(3):
                print("out", n)
                print("err", n, file=sys.stderr)
            sys.stdout.write("unfinished")
    """
    invoke(environment_of(source))
    texts = messages(journal)
    assert texts[0].startswith("INIT_START Runtime Version: python:")
    assert texts[1:3] == ["loading\n", f"START RequestId: {REQUEST_ID} Version: $LATEST\n"]
    assert texts[3:9] == ["out 0\n", "err 0\n", "out 1\n", "err 1\n", "out 2\n", "err 2\n"]
    assert texts[9:11] == ["unfinished\n", f"END RequestId: {REQUEST_ID}\n"]
    assert texts[11].startswith(f"REPORT RequestId: {REQUEST_ID}\tDuration: ")
    assert len(texts) == 12


def test_a_traceback_is_one_event(environment_of: Run, journal: Journal) -> None:
    invoke(environment_of(HANDLERS["deep"]))
    (event,) = [text for text in messages(journal) if text.startswith("[ERROR]")]
    assert event.startswith("[ERROR] ZeroDivisionError: division by zero\nTraceback (most recent call last):\n")
    assert event.endswith("return 1 / x\n")


def test_20_mb_of_output_that_is_no_text_is_survived_in_bounded_memory(environment_of: Run, journal: Journal) -> None:
    source = r"""
        import os
        def handler(e, c):
            for _ in range(20):
                os.write(1, b"\xff\xfe" * 524_288)
            os.write(2, b"\n" + b"line\n" * 100)
            return "done"
    """
    execution = invoke(environment_of(source))
    assert execution.payload == b'"done"'
    assert len(execution.log_tail) <= 4096
    assert max(len(event.message) for event in journal.events()) <= 262_145
    assert messages(journal).count("line\n") == 100


def test_a_timeout_is_billed_to_the_full_and_ends_the_environment(environment_of: Run, journal: Journal) -> None:
    """The handler would return in the end, so a limit that comes too late shows as a success."""
    environment = environment_of("import time\ndef handler(e, c):\n    print('here')\n    time.sleep(20)", timeout_s=1)
    execution = invoke(environment)
    assert json.loads(execution.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {REQUEST_ID} Error: Task timed out after 1.00 seconds",
    }
    assert execution.report.duration_ms == 1000.0
    assert messages(journal)[-1].rstrip("\n").endswith("\tStatus: timeout\t")
    assert "here\n" in messages(journal)
    assert any(text.endswith(f"Z {REQUEST_ID} Task timed out after 1.00 seconds\n") for text in messages(journal))
    assert not environment.is_reusable


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def handler(e, c):\n    x = []\n    while True: x.append(bytes(1_000_000))", id="growth"),
        pytest.param(
            "def handler(e, c):\n    x = b'x' * 300_000_000\n    return len(x)",
            id="a spike that is over before anybody looks",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps the peak"),
        ),
    ],
)
def test_more_memory_than_there_is_ends_the_environment(environment_of: Run, journal: Journal, source: str) -> None:
    environment = environment_of(source)
    execution = invoke(environment)
    assert json.loads(execution.payload) == {
        "errorType": "Runtime.OutOfMemory",
        "errorMessage": f"RequestId: {REQUEST_ID} Error: Runtime exited with error: signal: killed",
    }
    assert execution.report.max_memory_mb == 128
    assert messages(journal)[-1].rstrip("\n").endswith("\tStatus: error\tError Type: Runtime.OutOfMemory\t")
    assert not environment.is_reusable


def test_the_memory_reported_is_the_functions_own(environment_of: Run) -> None:
    """Catches a figure that includes this process, which is larger, or that does not follow what the function holds."""
    execution = invoke(environment_of("x = b'x' * 60_000_000\ndef handler(e, c): return 1", memory_mb=512))
    assert 60 < execution.report.max_memory_mb < 100


def test_a_failed_init_is_tried_again_and_reported_twice(environment_of: Run, journal: Journal) -> None:
    execution = invoke(environment_of("import no_such_module"))
    assert json.loads(execution.payload) == {
        "errorMessage": "Unable to import module 'app': No module named 'no_such_module'",
        "errorType": "Runtime.ImportModuleError",
        "requestId": "",
        "stackTrace": [],
    }
    reports = [re.sub(r"[\d.]+ ms", "N ms", text) for text in messages(journal) if text.startswith("INIT_REPORT")]
    end = "Status: error\tError Type: Runtime.ImportModuleError\n"
    assert reports == [f"INIT_REPORT Init Duration: N ms\tPhase: {phase}\t{end}" for phase in ("init", "invoke")]
    assert messages(journal)[-1].rstrip("\n").endswith("\tStatus: error\tError Type: Runtime.ImportModuleError\t")
    assert execution.report.init_ms is None
    assert execution.report.duration_ms > 0


def test_an_init_that_takes_too_long_gets_the_time_of_the_function(
    environment_of: Run, journal: Journal, tmp_path: Path
) -> None:
    """The module hangs the first time only, so the second init succeeds, inside the invocation."""
    source = """
        import os, time
        if not os.path.exists(os.environ["MARK"]):
            open(os.environ["MARK"], "w").close()
            time.sleep(60)
        def handler(e, c): return "at last"
    """
    environment = environment_of(source, init_timeout_s=0.5, environment={"MARK": str(tmp_path / "mark")})
    execution = invoke(environment)
    assert execution.payload == b'"at last"'
    assert "INIT_REPORT Init Duration: 500.00 ms\tPhase: init\tStatus: timeout\n" in messages(journal)
    assert execution.report.init_ms is None
    assert environment.is_reusable


def test_json_logs_are_platform_records(environment_of: Run, journal: Journal) -> None:
    invoke(environment_of("def handler(e, c): raise ValueError('no')", log_format="JSON"))
    records = [json.loads(text) for text in messages(journal)]
    kinds = [record.get("type", record.get("level")) for record in records]
    assert kinds == ["platform.initStart", "platform.start", "ERROR", "platform.report"]
    assert records[1]["record"] == {"requestId": REQUEST_ID, "functionArn": "arn:f", "version": "$LATEST"}
    report = records[3]["record"]
    assert report["status"] == "error"
    metrics = report["metrics"]
    assert metrics["memorySizeMB"] == 128
    hundredths = round(metrics["durationMs"] * 100) + round(metrics["initDurationMs"] * 100)
    assert metrics["billedDurationMs"] == -(-hundredths // 100)


def test_nothing_of_our_own_environment_reaches_the_function(
    environment_of: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    source = "import os\ndef handler(e, c): return [sorted(os.environ), os.getcwd(), os.environ['MINE']]"
    environment = environment_of(source, environment={"MINE": "yes", "_HANDLER": "not.this"})
    names, directory, mine = json.loads(invoke(environment).payload)
    extra = {name for name in names if name in os.environ} - {"PATH", "LANG", "TZ", "AWS_REGION"}
    assert extra == set()
    assert directory == str(environment.function.code.resolve())
    assert mine == "yes"


def test_a_function_cannot_import_our_modules_by_accident(environment_of: Run) -> None:
    """The bootstrap lies beside modules named demo, logs, model...: none may stand in for a function's own."""
    source = "import importlib.util\ndef handler(e, c): return importlib.util.find_spec('runtime_api') is None"
    assert invoke(environment_of(source)).payload == b"true"


def test_a_closed_environment_runs_nothing(environment_of: Run) -> None:
    environment = environment_of("def handler(e, c): return 1")
    invoke(environment)
    environment.close()
    assert not environment.is_reusable
    with pytest.raises(EnvironmentClosedError):
        invoke(environment)


def test_every_invocation_is_recorded(environment_of: Run, journal: Journal) -> None:
    environment = environment_of("def handler(e, c): return 1 / e")
    invoke(environment, 1)
    invoke(environment, 0)
    first, second = journal.invocations()
    assert (first.outcome, first.error_type, first.init_ms is None) == ("success", None, False)
    assert (second.outcome, second.error_type, second.init_ms) == ("error", "ZeroDivisionError", None)
    assert journal.executions("f") == 2

"""The life of a local AWS: where it leads an SDK, functions that come and go, and nothing left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lambdascope_proxy.local import LocalAws, LocalFunction

# Holds a lock, also in a grandchild, tells that it runs, and spins: no lifeline in Python code may need its consent.
SPIN = """
    import fcntl, os, socket, subprocess, sys

    def handler(event, context):
        lock = open(os.environ["LOCK"], "w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        code = "import time; time.sleep(600)"
        subprocess.Popen([sys.executable, "-c", code], pass_fds=[lock.fileno()])
        socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))).close()
        while True:
            pass
"""


@pytest.fixture
def gate() -> Iterator[socket.socket]:
    """A listener that functions connect to, to say that they run."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        yield listener


def spinning(code: Path, gate: socket.socket, lock: Path) -> LocalFunction:
    environment = {"LOCK": str(lock), "PORT": str(gate.getsockname()[1])}
    return LocalFunction(name="spin", code=code, environment=environment, timeout_s=900)


def wait_until_released(lock: Path) -> None:
    """Return when no process holds the lock; a child waits for it, so that the wait can be bounded."""
    take = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX)"
    subprocess.run([sys.executable, "-c", take, str(lock)], timeout=30, check=True)


def test_the_environment_leads_boto3_here_and_nowhere_else(monkeypatch: pytest.MonkeyPatch, write_code: Any) -> None:
    """Whatever was set before: another endpoint, region, credentials, a proxy, configuration files."""
    before = {
        "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_SESSION_TOKEN": "token",
        "AWS_CONFIG_FILE": "elsewhere",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "internal.example",
    }
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    with LocalAws([LocalFunction(name="f", code=write_code(""))], region="ap-south-1") as aws:
        for name, value in aws.environment().items():
            monkeypatch.setenv(name, value)
        session = boto3.Session()
        credentials = session.get_credentials()
        assert credentials is not None
        assert (credentials.access_key, credentials.token) == ("local", None)
        client: Any = session.client("lambda")
        (function,) = client.list_functions()["Functions"]
        client.close()
    assert function["FunctionArn"] == "arn:aws:lambda:ap-south-1:123456789012:function:f"
    assert os.environ["NO_PROXY"] == "127.0.0.1,internal.example"


def test_a_function_can_be_added_replaced_and_removed_while_running(
    run_aws: Any, client_of: Any, write_code: Any
) -> None:
    aws = run_aws()
    client = client_of(aws)
    assert client.list_functions()["Functions"] == []
    for answer in (b"1", b"2"):
        aws.put_function(LocalFunction(name="f", code=write_code(f"def handler(e, c): return {answer.decode()}")))
        assert client.invoke(FunctionName="f")["Payload"].read() == answer
    assert aws.executions("f") == 2
    aws.remove_function("f")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="f")
    with pytest.raises(KeyError):
        aws.remove_function("f")


def test_a_function_replaced_in_the_middle_of_a_call_finishes_as_the_old_one(
    run_aws: Any, client_of: Any, write_code: Any, gate: socket.socket
) -> None:
    wait = """
        import os, socket
        def handler(event, context):
            global gate
            gate = socket.create_connection(("127.0.0.1", int(os.environ["PORT"])))
            return gate.recv(10).decode()
    """
    port = {"PORT": str(gate.getsockname()[1])}
    aws = run_aws(LocalFunction(name="f", code=write_code(wait), environment=port, timeout_s=60))
    client = client_of(aws)
    answers: list[bytes] = []

    def call() -> None:
        answers.append(client.invoke(FunctionName="f")["Payload"].read())

    caller = threading.Thread(target=call)
    caller.start()
    with gate.accept()[0] as running:
        aws.put_function(LocalFunction(name="f", code=write_code("def handler(e, c): return 'new'")))
        call()
        running.settimeout(30)
        running.sendall(b"old")
        assert running.recv(1) == b""  # the old process ends with its last call
    caller.join(30)
    call()
    assert answers == [b'"new"', b'"old"', b'"new"']


def test_code_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a code directory"):
        LocalAws([LocalFunction(name="f", code=tmp_path / "nope")])


def test_close_ends_a_busy_function_and_what_it_started(
    write_code: Any, client_of: Any, gate: socket.socket, tmp_path: Path
) -> None:
    lock = tmp_path / "lock"
    aws = LocalAws([spinning(write_code(SPIN), gate, lock)])
    aws.start()
    client_of(aws).invoke(FunctionName="spin", InvocationType="Event")["Payload"].close()
    gate.accept()[0].close()
    closing = threading.Thread(target=aws.close, daemon=True)
    closing.start()
    closing.join(30)
    assert not closing.is_alive()
    aws.close()
    wait_until_released(lock)


def test_no_function_survives_the_death_of_its_parent(write_code: Any, gate: socket.socket, tmp_path: Path) -> None:
    """The parent is killed, so nothing of ours runs in it any more; the child must notice by itself."""
    lock = tmp_path / "lock"
    function = spinning(write_code(SPIN), gate, lock)
    program = textwrap.dedent(f"""
        import json, pathlib, sys, threading, urllib.request
        from lambdascope_proxy.local import LocalAws, LocalFunction
        function = LocalFunction(name="spin", code=pathlib.Path({str(function.code)!r}), timeout_s=900,
                                 environment={dict(function.environment)!r})
        aws = LocalAws([function])
        aws.start()
        request = urllib.request.Request(
            aws.endpoint_url + "/2015-03-31/functions/spin/invocations", b"{{}}",
            {{"Authorization": "AWS4-HMAC-SHA256 Credential=l/20261122/us-east-1/lambda/aws4_request, Signature=0"}},
        )
        urllib.request.urlopen(request)
    """)
    with subprocess.Popen([sys.executable, "-c", program]) as parent:
        try:
            gate.accept()[0].close()
        finally:
            parent.send_signal(signal.SIGKILL)
    wait_until_released(lock)


def test_after_close_nobody_answers_not_even_on_a_kept_connection(client_of: Any, write_code: Any) -> None:
    with LocalAws([LocalFunction(name="f", code=write_code(""))]) as aws:
        client = client_of(aws)
        assert client.list_functions()["Functions"]
    with pytest.raises(Exception, match="Could not connect to the endpoint"):
        client.list_functions()


def test_one_that_never_started_can_be_closed() -> None:
    LocalAws([]).close()


def test_a_function_calls_aws_here_too(run_aws: Any, client_of: Any, write_code: Any) -> None:
    """A function that uses an SDK must not reach the real AWS with the credentials of whoever runs the demo."""
    source = "import os\ndef handler(e, c): return {k: v for k, v in os.environ.items() if k.startswith('AWS_')}"
    aws = run_aws(LocalFunction(name="f", code=write_code(source)))
    shown = json.loads(client_of(aws).invoke(FunctionName="f")["Payload"].read())
    assert shown["AWS_ENDPOINT_URL"] == aws.endpoint_url
    assert shown["AWS_ACCESS_KEY_ID"] == "local"
    assert shown["AWS_CONFIG_FILE"] == shown["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull

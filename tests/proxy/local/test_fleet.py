"""Which environment an invocation gets."""

import json
import os
import select
import socket
import sys
from typing import Any

import pytest

from lambdascope_proxy.local import LocalFunction, fleet

PID = "import os\ndef handler(e, c):\n    return os.getpid()\n"


def pid(client: Any, **more: Any) -> int:
    answer = client.invoke(FunctionName="f", **more)
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def test_a_version_has_environments_of_its_own(run_aws: Any, client_of: Any, write_code: Any) -> None:
    code = write_code(PID)
    client = client_of(run_aws(LocalFunction(name="f", code=code, versions={"1": code}, aliases={"live": "1"})))
    latest, first, live = pid(client), pid(client, Qualifier="1"), pid(client, Qualifier="live")
    assert latest != first
    assert first == live
    assert pid(client) == latest


def test_no_more_than_so_many_environments_stay_idle(
    run_aws: Any, client_of: Any, write_code: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "MAX_IDLE", 1)
    code = write_code(PID)
    client = client_of(run_aws(LocalFunction(name="f", code=code, versions={"1": code})))
    first = pid(client)
    pid(client, Qualifier="1")
    assert pid(client) != first


@pytest.mark.skipif(sys.platform != "linux", reason="the end of another's child is awaited through a pidfd")
def test_an_environment_that_died_while_idle_is_not_used_again(run_aws: Any, client_of: Any, write_code: Any) -> None:
    """The function ends its process as soon as it has answered; the test waits for the end of the process itself."""
    source = """
        import os, socket, threading
        gate = socket.create_connection(("127.0.0.1", int(os.environ["PORT"])))
        def handler(event, context):
            threading.Thread(target=lambda: (gate.recv(1), os._exit(1))).start()
            return os.getpid()
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        environment = {"PORT": str(listener.getsockname()[1])}
        client = client_of(run_aws(LocalFunction(name="f", code=write_code(source), environment=environment)))
        first = pid(client)
        ended = os.pidfd_open(first)
        with listener.accept()[0] as gate:
            gate.sendall(b"!")
            assert select.select([ended], [], [], 20)[0]
        os.close(ended)
        assert pid(client) != first


def test_the_account_has_a_limit_too(
    run_aws: Any, client_of: Any, write_code: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "MAX_CONCURRENCY", 0)
    client = client_of(run_aws(LocalFunction(name="f", code=write_code(PID))))
    with pytest.raises(client.exceptions.TooManyRequestsException) as caught:
        pid(client)
    assert caught.value.response["Reason"] == "ConcurrentInvocationLimitExceeded"


def test_how_many_are_busy_is_noted_at_every_beginning_and_end(run_aws: Any, client_of: Any, write_code: Any) -> None:
    """Each function calls the next one, so that all of them are certainly busy at once."""
    source = """
        import http.client, json, os
        from urllib.parse import urlsplit

        def handler(event, context):
            if event:
                place = urlsplit(os.environ["AWS_ENDPOINT_URL"])
                scope = "Credential=local/20261122/us-east-1/lambda/aws4_request, Signature=0"
                headers = {"Authorization": "AWS4-HMAC-SHA256 " + scope}
                connection = http.client.HTTPConnection(place.hostname, place.port)
                path = f"/2015-03-31/functions/{event[0]}/invocations"
                connection.request("POST", path, json.dumps(event[1:]), headers)
                assert connection.getresponse().status == 200
    """
    code = write_code(source)
    function = LocalFunction(name="f", code=code, versions={"1": code}, aliases={"live": "1"}, timeout_s=30)
    aws = run_aws(function, LocalFunction(name="reserved", code=code, reserved_concurrency=2, timeout_s=30))
    answer = client_of(aws).invoke(FunctionName="f", Payload='["f:live", "reserved"]')
    assert "FunctionError" not in answer, answer["Payload"].read()
    answer["Payload"].close()
    records = aws.journal.activity.concurrency()
    assert [
        (each.function_name, each.qualifier, each.of_account, each.of_unreserved, each.of_function, each.of_qualifier)
        for each in records
    ] == [
        ("f", None, 1, 1, 1, 1),
        ("f", "live", 2, 2, 2, 1),
        ("reserved", None, 3, 2, 1, 1),
        ("reserved", None, 2, 2, 0, 0),
        ("f", "live", 1, 1, 1, 0),
        ("f", None, 0, 0, 0, 0),
    ]
    assert [each.at_ms for each in records] == sorted(each.at_ms for each in records)

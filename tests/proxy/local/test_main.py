"""`python -m lambdascope_proxy.local` as a person would use it."""

import signal
import subprocess
import sys
from typing import Any

import pytest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_what_to_export_serves_and_stops_when_told(boto_session: Any, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "lambdascope_proxy.local"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        exports: dict[str, str] = {}
        while "no_proxy" not in exports and (line := process.stdout.readline()):
            name, _, value = line.removeprefix("export ").strip().partition("=")
            exports[name] = value
        client = boto_session.client("lambda", endpoint_url=exports["AWS_ENDPOINT_URL"])
        assert any(each["FunctionName"] == "demo-order-status" for each in client.list_functions()["Functions"])
        client.close()
        process.send_signal(number)
        assert process.wait(20) == 0

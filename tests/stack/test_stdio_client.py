"""The stack's client: its answers are matched to its requests, and it answers what it is asked meanwhile."""

import json
import subprocess
import sys
from collections.abc import Generator

import pytest
from stack.errors import NotRunningError
from stack.stdio_client import StdioClient

# Asks the person before it answers, and tells in its answer what they said.
ASKING = """
import json, sys
def write(message): print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    if message["params"]["name"] == "leave":
        sys.exit(0)
    write({"method": "notifications/message", "params": {}})
    write({"id": message["id"], "method": "elicitation/create", "params": {"message": "sure?"}})
    said = json.loads(sys.stdin.readline())
    write({"id": "another", "result": {}})
    write({"id": message["id"], "result": said["result"]})
"""


@pytest.fixture
def client() -> Generator[StdioClient]:
    command = [sys.executable, "-c", ASKING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield StdioClient(process)
        process.kill()


def test_a_question_is_answered_and_then_the_answer_awaited(client: StdioClient) -> None:
    # The question has the number of a request of ours: each side counts its own.
    assert client.call("remove", {})["result"] == {"action": "cancel"}
    client.reply = lambda params: {"action": "accept", "content": json.loads(json.dumps(params))}
    assert client.call("remove", {})["result"] == {"action": "accept", "content": {"message": "sure?"}}


def test_a_server_that_has_gone_is_told(client: StdioClient) -> None:
    with pytest.raises(NotRunningError, match="tools/call"):
        client.call("leave", {})

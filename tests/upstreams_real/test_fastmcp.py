"""A server of FastMCP says the same behind lambdascope, over stdio and over HTTP."""

import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager

import anyio
import pytest
from real.asking import Server
from real.comparing import Documents, differences, documents_said, tools_said, uncalled
from real.installing import SERVERS, python_package

CALLS = {
    "area": [{"width": 1.5}, {"width": 3, "length": 4}, {"width": -1}, {}, {"width": "wide"}],
    "describe": [{"name": "north"}],
    "wilt": [{"reason": "no rain"}],
    "breaks": [{}],
    "picture": [{}],
    "water": [{}],
}
DOCUMENTS = Documents(
    uris=("garden://plan", "garden://beds/north", "garden://nowhere"),
    prompts={"advise": {"plant": "leek"}},
)
START_S = 60


@contextmanager
def over_http(command: tuple[str, ...], environment: Mapping[str, str]) -> Generator[Server]:
    """The server on a port that was free just now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    with subprocess.Popen([*command, str(port)], env=environment, stdin=subprocess.DEVNULL) as process:
        try:
            _await_port(port, process)
            yield Server(url=f"http://127.0.0.1:{port}/mcp", environment=environment)
        finally:
            process.terminate()


def _await_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)  # bounded: it says nowhere that it listens
        else:
            return
    raise AssertionError("the server does not listen")


@contextmanager
def running(transport: str, environment: Mapping[str, str]) -> Generator[Server]:
    """The server over a transport."""
    command = (str(python_package("fastmcp==4.1.2") / "python"), str(SERVERS / "fastmcp_server.py"))
    surroundings = {**environment, "FASTMCP_CHECK_FOR_UPDATES": "off"}
    if transport == "stdio":
        yield Server(command=command, environment=surroundings)
        return
    with over_http(command, surroundings) as server:
        yield server


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_its_tools_say_the_same(
    mode: str, transport: str, environment: dict[str, str], recording: dict[str, str]
) -> None:
    with running(transport, environment) as server:
        direct = anyio.run(tools_said, server, CALLS, mode)
        proxied = anyio.run(tools_said, server.behind_lambdascope(**recording), CALLS, mode)
    assert not uncalled(direct, CALLS)
    assert len(direct["progress of water 0"]) == 3
    assert differences(direct, proxied) == []


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_its_documents_say_the_same(mode: str, environment: dict[str, str], recording: dict[str, str]) -> None:
    with running("stdio", environment) as server:
        direct = anyio.run(documents_said, server, DOCUMENTS, mode)
        proxied = anyio.run(documents_said, server.behind_lambdascope(**recording), DOCUMENTS, mode)
    assert differences(direct, proxied) == []

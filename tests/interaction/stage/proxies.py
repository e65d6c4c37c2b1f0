"""Proxy processes: `lambdascope serve` over HTTP or stdio, the command line, and the history they record into."""

import signal
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.types import Implementation
from stage.waiting import eventually

from lambdascope_analytics.history import open_history

COMMAND = (sys.executable, "-m", "lambdascope_proxy.cli")
CLIENT = Implementation(name="interaction-tests", version="7")
STOP_S = 30


@dataclass(slots=True)
class HttpProxy:
    """One `lambdascope serve --http`: where it listens and what it logged."""

    process: "subprocess.Popen[str]"
    url: str = ""
    log: list[str] = field(default_factory=list[str])
    reader: threading.Thread | None = None

    @property
    def base(self) -> str:
        """The URL without /mcp."""
        return self.url.removesuffix("/mcp")

    def client(self, mode: str = "auto", **more: Any) -> Client:
        """An MCP client of it, to be entered; `cache=None` because tests want answers, not memories."""
        return Client(self.url, mode=mode, cache=None, client_info=CLIENT, **more)

    def await_start(self) -> None:
        """Reads its log until it says where it listens, and from then on in the background."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)
            if "serving MCP at " in line:
                self.url = line.rsplit(" ", 1)[1].strip()
                self.reader = threading.Thread(target=self.log.extend, args=(self.process.stderr,), daemon=True)
                self.reader.start()
                return
        raise AssertionError(f"the proxy did not start: {''.join(self.log)}")

    def stop(self) -> int:
        """Asks it to end, waits, and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.await_end()

    def await_end(self) -> int:
        """Waits for its end, with its whole log read."""
        code = self.process.wait(STOP_S)
        if self.reader:
            self.reader.join(STOP_S)
        if self.process.stderr:
            self.process.stderr.close()
        return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Starts proxies with these variables and reads what they recorded."""

    environment: Mapping[str, str]
    history_directory: Path
    started: list[HttpProxy] = field(default_factory=list[HttpProxy])

    def having(self, **settings: str | None) -> "Stage":
        """The same stage with other variables; None takes one away."""
        changed = {**self.environment, **settings}
        return replace(self, environment={name: value for name, value in changed.items() if value is not None})

    def serve_http(self) -> HttpProxy:
        """Starts a proxy on a free port; it ends with the stage."""
        process = subprocess.Popen(
            [*COMMAND, "serve", "--http", "--port", "0"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        proxy = HttpProxy(process)
        self.started.append(proxy)
        proxy.await_start()
        return proxy

    def stdio_client(self, mode: str = "auto", **more: Any) -> Client:
        """An MCP client, to be entered, that starts its own proxy over stdio."""
        command, *arguments = COMMAND
        server = StdioServerParameters(command=command, args=[*arguments, "serve"], env=dict(self.environment))
        return Client(server, mode=mode, cache=None, client_info=CLIENT, **more)

    @asynccontextmanager
    async def client(self, transport: str, mode: str = "auto") -> AsyncGenerator[Client]:
        """A client connected to a proxy of its own."""
        made = self.stdio_client(mode) if transport == "stdio" else self.serve_http().client(mode)
        async with made as client:
            yield client

    def run(self, *arguments: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Runs a command to its end."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def rows(self, where: str = "true", **params: Any) -> list[dict[str, Any]]:
        """The recorded calls that match, oldest first."""
        with open_history(self.history_directory) as history:
            return history.query(f"SELECT * FROM calls WHERE {where} ORDER BY started_at, call_id", params)

    async def row(self, call_id: str) -> dict[str, Any]:
        """The row of one call, once it is there."""
        rows = await eventually(lambda: self.rows("call_id = $call_id::UUID", call_id=call_id))
        assert len(rows) == 1
        return rows[0]

    def close(self) -> None:
        """Ends the proxies that still run."""
        for proxy in self.started:
            proxy.process.terminate()
        for proxy in self.started:
            proxy.await_end()

"""The servers that are measured: how each is started, and how it is asked to call a function."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.answers import payload_for
from bench.child import ROOT
from bench.messages import LEGACY, MODERN, Question, tool_call
from bench.stub_functions import REGION

Ask = Callable[[str, int], tuple[str, dict[str, Any]]]
PREFIX = "bench-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A server to start, and the tool and arguments that make it call a function with a number."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    ask: Ask
    over_http: bool = False
    revision: str = LEGACY
    reaches_lambda: bool = True
    history: Path | None = None
    traces_path: str | None = None

    def question(self, function: str, number: int) -> Question:
        """Return the call of a function with a number."""
        tool, arguments = self.ask(function, number)
        return tool_call(number, tool, arguments, revision=self.revision)


def aws_environment(stub_port: int, folder: Path) -> dict[str, str]:
    """Return the environment that leads any AWS client to the stub and nowhere else.

    The credentials file has a `default` profile, because the peer asks for that one by name.
    """
    credentials = folder / "credentials"
    credentials.write_text("[default]\naws_access_key_id = AKIABENCH\naws_secret_access_key = bench\n")
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{stub_port}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(folder),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineup:
    """Makes contestants that all call the same stub and, where they trace, post to the same sink."""

    folder: Path
    stub_port: int
    sink_port: int
    peer_command: Path | None

    def lambdascope(
        self, name: str, *, over_http: bool = False, revision: str = LEGACY, telemetry: bool = True
    ) -> Contestant:
        """Return lambdascope with its history on, and tracing on or off."""
        slug = name.replace(" ", "-").replace(",", "")
        history = self.folder / f"history-{slug}"
        environment = aws_environment(self.stub_port, self.folder) | {
            "FUNCTION_PREFIX": PREFIX,
            "LAMBDASCOPE_HISTORY_DIR": str(history),
        }
        if telemetry:
            environment |= {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.sink_port}/{slug}",
                "OTEL_BSP_SCHEDULE_DELAY": "1000",  # a batch a second: exporting falls inside what is measured
            }
        return Contestant(
            name=name,
            argv=(script("lambdascope"), "serve", *(("--http", "--port", "0") if over_http else ())),
            environment=environment,
            ask=lambda function, number: (
                "invoke_function",
                {"function_name": function, "payload": payload_for(number)},
            ),
            over_http=over_http,
            revision=revision,
            history=history,
            traces_path=f"/{slug}/v1/traces" if telemetry else None,
        )

    def bare_sdk(self, name: str, *, over_http: bool = False, json_response: bool = False) -> Contestant:
        """Return the SDK's low-level server with a no-op tool."""
        options = ("--json-response",) if json_response else ()
        return Contestant(
            name=name,
            argv=(sys.executable, "-m", "bench.bare_sdk", "http" if over_http else "stdio", *options),
            environment={},
            ask=lambda function, number: ("noop", {"function_name": function, "payload": payload_for(number)}),
            over_http=over_http,
            revision=MODERN if over_http else LEGACY,
            reaches_lambda=False,
        )

    def peer(self, name: str) -> list[Contestant]:
        """Return the peer, if it could be installed: one tool per function, its name without the prefix."""
        if self.peer_command is None:
            return []
        return [
            Contestant(
                name=name,
                argv=(str(self.peer_command),),
                environment=aws_environment(self.stub_port, self.folder) | {"FUNCTION_PREFIX": PREFIX},
                ask=lambda function, number: (
                    f"_{function.removeprefix(PREFIX)}",
                    {"parameters": payload_for(number)},
                ),
            )
        ]

    def bare_boto3(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return the command and environment of plain boto3."""
        return (sys.executable, "-m", "bench.bare_boto3"), aws_environment(self.stub_port, self.folder)


def script(name: str) -> str:
    """Return a command of the environment this benchmark runs in."""
    beside = Path(sys.executable).parent / name
    return str(beside.relative_to(ROOT)) if beside.is_relative_to(ROOT) else str(beside)

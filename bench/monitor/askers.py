"""Who is asked: how each server is started, and the calls that each question takes with it."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.contestants import PREFIX, script
from bench.monitor import cloudwatch_peer, lambdascope, serverless_peer
from bench.monitor.asking import ToolCall, Window
from bench.peer import CLOUDWATCH, SAM, SERVERLESS, Peer

HISTORY = "history"
OneFunction = Callable[[Window], list[ToolCall]]
Fleet = Callable[[Window, Sequence[str]], list[ToolCall]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asker:
    """A server and its side of the questions; `peer` is what has to be installed for it, None where it is ours."""

    name: str
    peer: Peer | None
    one_function: OneFunction
    fleet: Fleet | None
    options: tuple[str, ...] = ()
    companion: Peer | None = None

    @property
    def needs(self) -> list[Peer]:
        """Everything to install."""
        return [peer for peer in (self.peer, self.companion) if peer]

    def argv(self, installed: Mapping[Peer, Path]) -> tuple[str, ...]:
        """Return the command line."""
        return (str(installed[self.peer]) if self.peer else script("lambdascope"), *self.options)

    def environment(self, folder: Path, installed: Mapping[Peer, Path]) -> dict[str, str]:
        """Return what it needs beside the way to AWS; a companion is found on the path."""
        if self.peer is None:
            return {"FUNCTION_PREFIX": PREFIX, "LAMBDASCOPE_HISTORY_DIR": str(folder / HISTORY)}
        beside = [str(installed[self.companion].parent)] if self.companion else []
        path = os.pathsep.join([*beside, os.environ.get("PATH", os.defpath)])
        return {"PATH": path, "SAM_CLI_TELEMETRY": "0", "FASTMCP_LOG_LEVEL": "ERROR"}


OWN = Asker(
    name="lambdascope",
    peer=None,
    one_function=lambdascope.one_function,
    fleet=lambdascope.fleet,
    options=("serve",),
)
CLOUDWATCH_SERVER = Asker(
    name="awslabs cloudwatch",
    peer=CLOUDWATCH,
    one_function=cloudwatch_peer.one_function,
    fleet=cloudwatch_peer.fleet,
)
SERVERLESS_SERVER = Asker(
    name="awslabs serverless",
    peer=SERVERLESS,
    one_function=serverless_peer.one_function,
    fleet=serverless_peer.fleet,
)
SERVERLESS_WITH_LOGS = Asker(
    name="awslabs serverless, sam_logs",
    peer=SERVERLESS,
    one_function=serverless_peer.one_function_and_logs,
    fleet=None,
    options=("--allow-sensitive-data-access",),
    companion=SAM,
)
ASKERS = (OWN, CLOUDWATCH_SERVER, SERVERLESS_SERVER, SERVERLESS_WITH_LOGS)
PEERS = tuple(dict.fromkeys(peer for asker in ASKERS for peer in asker.needs))

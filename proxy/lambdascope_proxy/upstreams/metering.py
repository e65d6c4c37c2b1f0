"""What is metered of an upstream: each request to it, how long its sessions hold, whether it is there."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lambdascope_proxy import names
from lambdascope_proxy.call import RpcError
from lambdascope_proxy.errors import UpstreamRefused
from lambdascope_proxy.guard import guarded
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.upstreams.spec import Upstream

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Labels, Meters


class UpstreamMeter:
    """Of one upstream; without meters it does nothing."""

    def __init__(self, meters: "Meters | None", spec: Upstream) -> None:
        self._meters = meters
        self._is_open = False
        self._target = {names.TARGET: f"upstream:{spec.name}"}
        self._transport = {names.NETWORK_TRANSPORT: "tcp" if spec.url else "pipe"}
        if meters:
            meters.watch(m.UPSTREAM_OPEN, self._read_open)

    def request(
        self, method: str, params: Mapping[str, Any], seconds: float, version: str, error: BaseException | None
    ) -> None:
        """A request that was answered or not; within the span of what was sent, where its exemplar leads."""
        if self._meters is None:
            return
        labels = {
            names.MCP_METHOD: method,
            names.MCP_PROTOCOL_VERSION: version,
            **self._target,
            **self._transport,
            **_tool(method, params),
            **_ending(error),
        }
        guarded("metering a request to an upstream", self._meters.record, m.CLIENT_DURATION, seconds, labels)

    def connected(self) -> None:
        """A session was opened."""
        self._is_open = True
        self._count("opened")

    def refused(self) -> None:
        """A session could not be opened."""
        self._count("failed")

    def ended(self, seconds: float, version: str, *, is_lost: bool) -> None:
        """A session ended, by us or lost."""
        self._is_open = False
        if self._meters:
            ending = {names.ERROR_TYPE: "UpstreamGone"} if is_lost else {}
            labels = {names.MCP_PROTOCOL_VERSION: version, **self._target, **self._transport, **ending}
            guarded("metering a session", self._meters.record, m.CLIENT_SESSION_DURATION, seconds, labels)

    def _count(self, result: str) -> None:
        if self._meters:
            labels = {**self._target, names.RESULT: result}
            guarded("counting sessions", self._meters.add, m.UPSTREAM_CONNECTS, 1, labels)

    def _read_open(self) -> "Iterable[tuple[float, Labels]]":
        return [(float(self._is_open), self._target)]


def _tool(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    if method != "tools/call":
        return {}
    return {names.TOOL_NAME: params.get("name"), names.OPERATION_NAME: "execute_tool"}


def _ending(error: BaseException | None) -> dict[str, Any]:
    if error is None:
        return {}
    if isinstance(error, UpstreamRefused):
        told: RpcError = error.error
        return {names.ERROR_TYPE: str(told.code), names.RPC_STATUS_CODE: str(told.code)}
    return {names.ERROR_TYPE: type(error).__name__}

"""One request for a client to an upstream: progress on the way, what is asked meanwhile, a session that was lost."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from lambdascope_proxy.call import Client, Progress, TraceIds
from lambdascope_proxy.errors import UpstreamGone, UpstreamNonsense
from lambdascope_proxy.upstreams.asking import INPUT_REQUIRED, MOST_ROUNDS, answers_of
from lambdascope_proxy.upstreams.connection import Connection
from lambdascope_proxy.upstreams.relay import Relay, relaying

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.wire.link import Answered, Link

# Settled anew for each hop; everything else in `_meta` is the client's and travels on.
RESERVED: Final = "io.modelcontextprotocol/"


class Owner(Protocol):
    """What a request is made for: a call, or another request of a client."""

    @property
    def client(self) -> Client | None:
        """Who made it."""
        ...

    @property
    def progress(self) -> Progress:
        """What is noted while it runs."""
        ...


async def exchange(
    connection: Connection,
    method: str,
    params: Mapping[str, Any],
    owner: Owner,
    *,
    on_link: "Callable[[Link], None]" = lambda link: None,
) -> "Answered":
    """A newer upstream may ask by its result; a client that cannot be given that is asked here.

    Raises: UpstreamError, CallFailed.
    """
    client = owner.client
    async with relaying(client) as relay:
        for _ in range(MOST_ROUNDS):
            answered = await _request(connection, method, params, owner, relay, on_link)
            if answered.result.get("resultType") != INPUT_REQUIRED or client is None:
                return answered
            owner.progress.was_asked = True
            answers = await answers_of(client, answered.result)
            if answers is None:
                return answered
            state = answered.result.get("requestState")
            params = {**params, "inputResponses": answers, **({} if state is None else {"requestState": state})}
    raise UpstreamNonsense(f"it asked for more {MOST_ROUNDS} times and gave no result")


async def _request(
    connection: Connection,
    method: str,
    params: Mapping[str, Any],
    owner: Owner,
    relay: Relay | None,
    on_link: "Callable[[Link], None]",
) -> "Answered":
    """Sent again only where the upstream never saw it."""
    capabilities: Mapping[str, Any] = owner.client.capabilities if owner.client else {}
    hear = relay.hear if relay else None
    for is_last in (False, True):
        link = await connection.link()
        on_link(link)
        try:
            return await link.request(method, params, on_progress=hear, capabilities=capabilities, owner=owner)
        except UpstreamGone as gone:
            if is_last or not gone.is_unseen:
                raise
    raise AssertionError("the second attempt returns or raises")


def handed_on(client: Client | None, trace: TraceIds | None) -> dict[str, Any]:
    """`_meta` for the upstream: the client's own, with our span in place of its."""
    meta: Mapping[str, Any] = client.meta if client else {}
    kept = {key: value for key, value in meta.items() if key != "progressToken" and not key.startswith(RESERVED)}
    if trace:
        kept["traceparent"] = trace.traceparent
        kept.pop("tracestate", None)
        if trace.tracestate:
            kept["tracestate"] = trace.tracestate
    return kept

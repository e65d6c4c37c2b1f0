"""Leads what an upstream asks a client for to the client of its call, across the eras."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from lambdascope_proxy.call import Client, RpcError
from lambdascope_proxy.errors import CallFailed, UpstreamNonsense, UpstreamRefused

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.exchange import Owner

# JSON-RPC: the request was understood and is refused.
REFUSED: Final = -32600
INPUT_REQUIRED: Final = "input_required"
MOST_ROUNDS: Final = 10
ASKABLE: Final = frozenset({"elicitation/create", "sampling/createMessage", "roots/list"})


async def ask_owner(method: str, params: Mapping[str, Any] | None, calls: "Sequence[Owner]") -> dict[str, Any]:
    """Asks the client of the call it belongs to; refused where it may be that of another. Raises UpstreamRefused."""
    for call in calls:
        call.progress.was_asked = True  # a refusal, too, depends on who calls
    clients = [call.client for call in calls]
    known = {getattr(client, "identity", client): client for client in clients if client is not None}
    if len(known) != 1 or None in clients:
        raise _refused(_why_nobody(len(calls)))
    (client,) = known.values()
    try:
        answer = await client.ask(method, params or {})
    except CallFailed as failed:
        raise UpstreamRefused(failed.rpc_error or RpcError(code=REFUSED, message=str(failed))) from failed
    if answer is None:
        raise _refused(
            "the client of this call speaks a revision without requests of a server during a call; "
            "a server that answers input_required instead can ask it"
        )
    return answer


async def answers_of(client: Client, result: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the client answers to a result that asks; None where it gets that result and sends its answers itself.

    Raises CallFailed when it cannot be asked, UpstreamNonsense when the result asks for what there is not.
    """
    wanted = cast("Mapping[str, Any]", result.get("inputRequests") or {})
    answers = dict[str, Any]()
    for key, wish in wanted.items():
        request: Mapping[str, Any] = cast("Mapping[str, Any]", wish) if isinstance(wish, Mapping) else {}
        method = str(request.get("method"))
        if method not in ASKABLE:
            raise UpstreamNonsense("its result asks for something that a client cannot be asked for")
        answer = await client.ask(method, request.get("params") or {})
        if answer is None:
            return None
        answers[key] = answer
    return answers


def _why_nobody(calls: int) -> str:
    if calls == 0:
        return "no call is under way for which a client could be asked"
    if calls == 1:
        return "the call under way came from no client that could be asked"
    return "calls of several clients are under way, and nothing says which of them to ask"


def _refused(message: str) -> UpstreamRefused:
    return UpstreamRefused(RpcError(code=REFUSED, message=f"lambdascope: {message}"))

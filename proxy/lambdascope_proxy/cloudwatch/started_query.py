"""One Logs Insights query at AWS: started, read page by page, and stopped whatever becomes of the one who asked."""

import logging
import threading
from collections.abc import Mapping
from typing import Any, Final

import anyio

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.log_groups import no_such_group
from lambdascope_proxy.cloudwatch.sending import Sender
from lambdascope_proxy.errors import CallFailed

log = logging.getLogger(__name__)

STOP_WITHIN_S: Final = 2.0


class StartedQuery:
    """Begins with `start`; whoever leaves before the query has ended calls `stop`."""

    def __init__(self, sender: Sender, asked: Mapping[str, Any]) -> None:
        self._sender = sender
        self._asked = asked
        self._lock = threading.Lock()
        self._is_given_up = False
        self._query_id = ""

    @property
    def query_id(self) -> str:
        """AWS's id of the query; empty until it has started."""
        return self._query_id

    async def start(self) -> None:
        """Starts it. Raises CallFailed for what AWS refuses; a malformed query with AWS's words and the place."""
        await self._sender.send("logs:StartQuery", "starting a Logs Insights query", self._start)

    async def results(self, **page: str) -> Mapping[str, Any]:
        """One answer of GetQueryResults. Raises CallFailed."""
        parameters = {"queryId": self.query_id, **page}
        action, doing = "logs:GetQueryResults", "reading the results of a Logs Insights query"
        return await self._sender.send(action, doing, lambda client: client.get_query_results(**parameters))

    async def stop(self) -> None:
        """Stops it, in spite of cancellation, and waits for that a moment at most; never fails.

        A query whose start is still under way is stopped by the thread that starts it.
        """
        with self._lock:
            self._is_given_up, query_id = True, self._query_id
        if not query_id:
            return
        with anyio.move_on_after(STOP_WITHIN_S, shield=True) as patience:
            await self._stop(query_id)
        if patience.cancelled_caught:
            log.warning("Logs Insights query %s may run on: AWS did not confirm its end in time", query_id)

    async def _stop(self, query_id: str) -> None:
        action, doing = "logs:StopQuery", "stopping a Logs Insights query"
        try:
            await self._sender.send(action, doing, lambda client: client.stop_query(queryId=query_id))
        except CallFailed as failed:
            # Most often it has ended by itself; AWS says so with InvalidParameterException.
            log.info("Logs Insights query %s was not stopped: %s", query_id, failed)

    def _start(self, client: Any) -> None:
        try:
            query_id: str = client.start_query(**self._asked)["queryId"]
        except client.exceptions.MalformedQueryException as error:
            raise _malformed(error.response, self._asked["queryString"]) from error
        except client.exceptions.ResourceNotFoundException as error:
            raise no_such_group(self._asked["logGroupNames"], error.response["Error"]["Message"]) from error
        with self._lock:
            self._query_id, is_given_up = query_id, self._is_given_up
        if is_given_up:
            client.stop_query(queryId=query_id)


def _malformed(response: Mapping[str, Any], text: str) -> CallFailed:
    """AWS's words and, where it tells one, the place in the query that it means."""
    error: Mapping[str, str] = response.get("Error") or {}
    compiling: Mapping[str, Any] = response.get("queryCompileError") or {}
    words: str = compiling.get("message") or error.get("Message") or "no reason given"
    where = _where(compiling.get("location") or {}, text)
    return CallFailed(
        OutcomeKind.INVALID_ARGUMENTS,
        "MalformedQueryException",
        f"Logs Insights refused the query: {words.rstrip('.')}.{where}",
        "Correct the query, or use a preset.",
        recorded="Logs Insights refused the query as malformed.",
    )


def _where(location: Mapping[str, Any], text: str) -> str:
    start, end = location.get("startCharOffset"), location.get("endCharOffset")
    if start is None:
        return ""
    end = len(text) if end is None else end
    return f" It means characters {start} to {end}: {text[start : max(end, start + 1)][:80]!r}."

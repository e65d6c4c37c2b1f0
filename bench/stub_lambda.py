"""A stub of the Lambda endpoint, in a process of its own: functions that wait as long as their name says, and counts.

`python -m bench.stub_lambda` prints its port. It signs off on nothing, checks no signature and runs no code.
"""

import asyncio
import itertools
import json
import re
from collections import defaultdict
from dataclasses import asdict, dataclass
from urllib.parse import unquote

from bench import stub_functions as functions
from bench.answers import answer_to
from bench.http_server import Request, Send, response, serve

FUNCTION_PATH = re.compile(r"/2015-03-31/functions/([^/?]+)(/invocations|/configuration)?(?:\?.*)?$")
LIST_PATH = re.compile(r"/2015-03-31/functions/?(?:\?.*)?$")
ASKS_FOR_TAIL = re.compile(rb"\r\nx-amz-log-type: *tail", re.IGNORECASE)
JSON = "application/json"


@dataclass(slots=True)
class Count:
    """What has been asked of one function since the last reset."""

    invokes: int = 0
    in_flight: int = 0
    max_in_flight: int = 0


class StubLambda:
    """Answers requests, counting the invocations of each function."""

    def __init__(self) -> None:
        self._counts: dict[str, Count] = defaultdict(Count)
        self._serials = itertools.count(1)

    def handle(self, request: Request, send: Send) -> None:
        """Answer one request; an invocation is answered when its delay is over."""
        found = FUNCTION_PATH.match(request.path)
        if found is None:
            send(self._answer_about_account(request))
        elif (name := bare_name(found[1])) not in functions.NAMES:
            send(self._error(404, "ResourceNotFoundException", f"Function not found: {name}"))
        elif found[2] == "/invocations":
            self._invoke(name, request, send)
        else:
            send(self._respond(functions.as_json(self._described(name, configuration_only=found[2] is not None))))

    def _invoke(self, name: str, request: Request, send: Send) -> None:
        count = self._counts[name]
        count.invokes += 1
        count.in_flight += 1
        count.max_in_flight = max(count.max_in_flight, count.in_flight)
        delay_ms = functions.delay_ms_of(name)
        if delay_ms:
            asyncio.get_running_loop().call_later(delay_ms / 1000, self._finish, count, delay_ms, request, send)
        else:
            self._finish(count, delay_ms, request, send)

    def _finish(self, count: Count, delay_ms: int, request: Request, send: Send) -> None:
        count.in_flight -= 1
        request_id = self._request_id()
        headers = {"x-amzn-RequestId": request_id, "X-Amz-Executed-Version": "$LATEST"}
        if ASKS_FOR_TAIL.search(request.head):
            headers["X-Amz-Log-Result"] = functions.log_tail(request_id, delay_ms)
        number = json.loads(request.body)["number"]
        send(response(b'{"answer":"%s"}' % answer_to(number).encode(), JSON, headers))

    def _answer_about_account(self, request: Request) -> bytes:
        if request.path == "/_bench/counts":
            return self._respond(functions.as_json({name: asdict(count) for name, count in self._counts.items()}))
        if request.path == "/_bench/reset":
            return self._respond(functions.as_json(self._reset()))
        if LIST_PATH.match(request.path):
            return self._respond(functions.FUNCTION_LIST)
        if request.path.startswith("/2017-03-31/tags/"):
            return self._respond(b'{"Tags":{}}')
        return self._answer_other_services(request)

    def _answer_other_services(self, request: Request) -> bytes:
        if b"Action=GetCallerIdentity" in request.body:
            return self._respond(functions.CALLER_IDENTITY, "text/xml")
        if b"ResourceGroupsTaggingAPI_20170126.GetResources" in request.head:
            return self._respond(b'{"PaginationToken":"","ResourceTagMappingList":[]}', "application/x-amz-json-1.1")
        return self._error(404, "ResourceNotFoundException", f"The stub does not serve {request.method} {request.path}")

    def _described(self, name: str, *, configuration_only: bool) -> object:
        configuration = functions.configuration_of(name)
        return configuration if configuration_only else {"Configuration": configuration, "Tags": {}}

    def _reset(self) -> dict[str, int]:
        """Start counting again; an execution still running finishes on the count it began on."""
        forgotten = sum(count.invokes for count in self._counts.values())
        self._counts.clear()
        return {"forgotten": forgotten}

    def _respond(self, body: bytes, content_type: str = JSON) -> bytes:
        return response(body, content_type, {"x-amzn-RequestId": self._request_id()})

    def _error(self, status: int, kind: str, message: str) -> bytes:
        headers = {"x-amzn-RequestId": self._request_id(), "x-amzn-ErrorType": kind}
        return response(functions.as_json({"Type": "User", "Message": message}), JSON, headers, status)

    def _request_id(self) -> str:
        return f"5b1f0c52-7f0e-4c6a-9a3e-{next(self._serials):012x}"


def bare_name(written: str) -> str:
    """Return the function's name out of a name, `name:qualifier` or ARN as a path carries it."""
    name = unquote(written)
    return name.rpartition("function:")[2].split(":")[0]


if __name__ == "__main__":
    asyncio.run(serve(StubLambda().handle))

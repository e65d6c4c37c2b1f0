"""A local AWS that notes what it was asked and may answer otherwise for a while, and proxies that look at it."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stage.proxies import Stage

from lambdascope_proxy.local import LocalAws
from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.wire import Answer, Request, Services, json_answer

Body = Mapping[str, Any]
Play = Callable[[Callable[[], Any], Body], Body]
"""Makes an answer out of a function that gives the true one, and the body of the request."""

THROTTLED = AwsError("ThrottlingException", "Rate exceeded")


class WatchedAws(LocalAws):
    """The local AWS as it is, but for what `playing` replaces."""

    def __init__(self, *given: Any, **more: Any) -> None:
        self._noted: list[tuple[str, Body]] = []
        self._plays: dict[str, Play] = {}
        self._watch = threading.Lock()
        super().__init__(*given, **more)

    def asked(self) -> Counter[str]:
        """How often each operation of CloudWatch and its logs was asked for since `forget`, refused ones too."""
        with self._watch:
            return Counter(operation for operation, _ in self._noted)

    def bodies(self, operation: str) -> list[Body]:
        """What these requests held."""
        with self._watch:
            return [body for each, body in self._noted if each == operation]

    def forget(self) -> None:
        """Count anew."""
        with self._watch:
            self._noted.clear()

    @contextmanager
    def playing(self, operation: str, play: Play) -> Generator[None]:
        """Answers this operation by `play` while the block lasts."""
        self._plays[operation] = play
        try:
            yield
        finally:
            del self._plays[operation]

    def refusing(self, operation: str, error: AwsError) -> Any:
        """Answers this operation with an error while the block lasts: what `faults` do for a number of times."""

        def refuse(_: Callable[[], Any], __: Body) -> Body:
            raise error

        return self.playing(operation, refuse)

    def _services_for(self, request: Request) -> Services:
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if operation:
            with self._watch:
                self._noted.append((operation, json.loads(request.body or b"{}")))
        services, play = super()._services_for(request), self._plays.get(operation)
        scope = request.scope.service
        return {**services, scope: _played(services[scope], play)} if play else services


def _played(service: Callable[[Request], Answer], play: Play) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        body = play(lambda: json.loads(service(request).body), json.loads(request.body or b"{}"))
        return json_answer(body, "application/x-amz-json-1.1")

    return answer


def stage_at(house: Stage, aws: LocalAws, directory: Path, **settings: str) -> Stage:
    """Proxies that see this AWS only and may call its `look-` functions, with a history of their own."""
    ours = {"FUNCTION_LIST": None, "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": None, "FUNCTION_PREFIX": "look-"}
    variables = house.having(**aws.environment(), **ours, LAMBDASCOPE_HISTORY_DIR=str(directory), **settings)
    return Stage(environment=variables.environment, history_directory=directory)

"""An AWS that answers by script, checked against AWS's own models: for faults and pages that nothing here produces."""

from collections.abc import Callable, Generator, Mapping
from typing import Any

import anyio.lowlevel
import boto3
import pytest
from botocore.stub import Stubber

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.threads import Threads

HERE = Place(region="us-east-1")


@pytest.fixture(scope="session")
def client_of() -> Callable[[str], Any]:
    """boto3 clients that reach nothing, made once in a run."""
    made: dict[str, Any] = {}

    def make(service: str) -> Any:
        if service not in made:
            keys = {"aws_access_key_id": "tests", "aws_secret_access_key": "tests"}
            make_client: Any = boto3.client  # the stubs want a literal service name
            made[service] = make_client(service, region_name="us-east-1", **keys)
        return made[service]

    return make


class OneClient:
    """Stands for the clients of a place."""

    region = "us-east-1"

    def __init__(self, client: Any) -> None:
        self._client = client

    def reader(self, service: str) -> Any:
        assert service == self._client.meta.service_model.service_name
        return self._client


class Script:
    """Answers of one service in their order, and the pauses that were made instead of sleeping."""

    def __init__(self, client: Any) -> None:
        self.stub = Stubber(client)
        home: Any = OneClient(client)
        self.places = Places(home, lambda place: home)
        self.threads = Threads(1)  # requests made at once arrive in the order they were made
        self.pauses: list[float] = []
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        """Time passes; nobody waits."""
        self.pauses.append(seconds)
        self.now += seconds
        await anyio.lowlevel.checkpoint()

    def answers(self, operation: str, answer: Mapping[str, Any], asked: Mapping[str, Any] | None = None) -> None:
        """Adds an answer; `asked` is the whole request it is for."""
        self.stub.add_response(operation, dict(answer), None if asked is None else dict(asked))

    def refuses(self, operation: str, code: str, message: str = "words of AWS", status: int = 400, **more: Any) -> None:
        """Adds an error."""
        self.stub.add_client_error(operation, code, message, status, modeled_fields=more or None)

    def is_over(self) -> bool:
        """Whether everything was asked for."""
        self.stub.assert_no_pending_responses()
        return True


@pytest.fixture
def script_of(client_of: Callable[[str], Any]) -> Generator[Callable[[str], Script]]:
    """Begins the script of a service."""
    begun: list[Script] = []

    def begin(service: str) -> Script:
        begun.append(Script(client_of(service)))
        begun[-1].stub.activate()
        return begun[-1]

    yield begin
    for script in begun:
        script.stub.deactivate()

"""A local AWS to talk to through boto3, whose every answer is checked against botocore's service models."""

import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lambdascope_proxy.local import LocalAws, LocalFunction

ClientFactory = Callable[..., Any]
CodeWriter = Callable[[str], Path]


def _conforms(shape: Any, value: Any, where: str) -> None:
    """Fail on a member the model does not know or of another kind: boto3 itself would drop it in silence."""
    if shape.type_name == "structure":
        known = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for name, member in value.items():
            assert name in known, f"{where}: {name} is not in {shape.name}"
            _conforms(known[name], member, f"{where}.{name}")
    elif shape.type_name == "list":
        for member in value:
            _conforms(shape.member, member, where)
    elif shape.type_name == "map":
        for member in value.values():
            _conforms(shape.value, member, where)
    else:
        kinds = {"integer": [int], "long": [int], "boolean": [bool], "double": [float], "timestamp": [int, float, str]}
        assert type(value) in kinds.get(shape.type_name, [str]), f"{where}: {value!r} is not a {shape.type_name}"


@pytest.fixture
def write_code(tmp_path: Path) -> CodeWriter:
    """Write an app.py into a directory of its own."""
    count = iter(range(1000))

    def write(source: str) -> Path:
        directory = tmp_path / f"code{next(count)}"
        directory.mkdir()
        (directory / "app.py").write_text(textwrap.dedent(source))
        return directory

    return write


@pytest.fixture(scope="session")
def boto_session() -> boto3.Session:
    """One session for all clients: it keeps the service models, which take longest to load."""
    return boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name="us-east-1")


@pytest.fixture
def client_of(boto_session: boto3.Session) -> Iterator[ClientFactory]:
    """Make boto3 clients that ask once, can be many at a time, and check what they are answered."""
    made: list[Any] = []

    def make(aws: LocalAws, service: str = "lambda") -> Any:
        config = Config(retries={"total_max_attempts": 1}, max_pool_connections=64, read_timeout=60, proxies={})
        region = aws.environment()["AWS_REGION"]
        client: Any = boto_session.client(service, region_name=region, endpoint_url=aws.endpoint_url, config=config)
        model = client.meta.service_model

        def check(response_dict: Any, context: Any, **_: Any) -> None:
            output = model.operation_model(context["operation"]).output_shape
            if not response_dict or response_dict["status_code"] != 200:
                return
            if output is None:  # an operation that answers nothing
                assert response_dict["body"] in {b"", b"{}"}
            elif "payload" not in output.serialization:
                _conforms(output, json.loads(response_dict["body"]), context["operation"])

        def note(model: Any, context: Any, **_: Any) -> None:
            context["operation"] = model.name

        if service != "sts":  # which answers in XML
            client.meta.events.register(f"before-call.{service}", note)
            client.meta.events.register(f"response-received.{service}", check)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def run_aws() -> Iterator[Callable[..., LocalAws]]:
    """Start a local AWS with these functions; it is closed at the end of the test."""
    running: list[LocalAws] = []

    def run(*functions: LocalFunction, **more: Any) -> LocalAws:
        aws = LocalAws(functions, **more)
        aws.start()
        running.append(aws)
        return aws

    yield run
    for aws in running:
        aws.close()

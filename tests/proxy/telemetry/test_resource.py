"""Which program the telemetry says it comes from."""

import os
import socket
from collections.abc import Callable, Mapping
from importlib.metadata import version

from lambdascope_proxy.telemetry.resource import describe_process

Enter = Callable[[Mapping[str, str]], None]


def test_the_process_is_told_by_name_version_and_instance(enter: Enter) -> None:
    # Without an instance two proxies on one collector would overwrite each other's counters.
    enter({})
    told = describe_process().attributes
    assert told["service.name"] == "lambdascope"
    assert told["service.version"] == version("lambdascope")
    assert (told["host.name"], told["process.pid"]) == (socket.gethostname(), os.getpid())
    # In containers that share a host's name both are alike.
    assert told["service.instance.id"] != describe_process().attributes["service.instance.id"]


def test_what_the_user_says_of_the_process_goes_first(enter: Enter) -> None:
    attributes = "service.name=agents,service.instance.id=blue-1,deployment.environment.name=prod"
    enter({"OTEL_RESOURCE_ATTRIBUTES": attributes})
    told = describe_process().attributes
    assert told["service.name"] == "agents"
    assert told["service.instance.id"] == "blue-1"
    assert told["deployment.environment.name"] == "prod"
    enter({"OTEL_RESOURCE_ATTRIBUTES": attributes, "OTEL_SERVICE_NAME": "agents-eu"})
    assert describe_process().attributes["service.name"] == "agents-eu"

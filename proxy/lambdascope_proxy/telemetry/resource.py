"""Says which program the telemetry comes from; what the user's `OTEL_*` variables say goes first."""

import os
import socket
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource


def describe_process() -> "Resource":
    """The resource of every signal. Without an instance the metrics of several proxies would overwrite each other."""
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    told = OTELResourceDetector().detect().attributes
    ours = {
        "service.name": "lambdascope",
        "service.version": version("lambdascope"),
        # As in the history's columns host and pid.
        "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
    }
    return Resource.create({name: value for name, value in ours.items() if name not in told})

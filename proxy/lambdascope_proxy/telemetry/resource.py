"""Says which program the telemetry comes from; what the user's `OTEL_*` variables say goes first."""

import os
import socket
from importlib.metadata import version
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource


def describe_process() -> "Resource":
    """The resource of every signal. Without an instance the metrics of several proxies would overwrite each other."""
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    told = OTELResourceDetector().detect().attributes
    ours = {
        "service.name": "lambdascope",
        "service.version": version("lambdascope"),
        # Not host and pid: in containers that share the host's name every process is the first.
        "service.instance.id": str(uuid4()),
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
    }
    return Resource.create({name: value for name, value in ours.items() if name not in told})

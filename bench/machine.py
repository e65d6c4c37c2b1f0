"""The facts about the machine and the software that a figure depends on; nothing that names the machine."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("lambdascope", "mcp", "boto3", "botocore", "uvicorn", "pydantic", "duckdb", "opentelemetry-sdk")


def facts() -> dict[str, str]:
    """Return what to print above the figures."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "load average at the start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "packages": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"

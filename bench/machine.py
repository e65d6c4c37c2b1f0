"""The facts about the machine and the software that a figure depends on; nothing that names the machine."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("lambdascope", "mcp", "boto3", "botocore", "aiohttp", "uvicorn", "pydantic", "duckdb", "opentelemetry-sdk")


def facts() -> dict[str, str]:
    """Return what to print above the figures."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "load average at the start": load_average(),
        "packages": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    }


def load_average() -> str:
    """Return the load averages of 1, 5 and 15 minutes; far above the cores, wall times say little and ratios less."""
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"

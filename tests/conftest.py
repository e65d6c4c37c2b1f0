"""What every test stands on."""

import os
import signal
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# An example that takes long says nothing about the code on a busy machine. Where a verdict must not depend on luck, the
# examples are always the same; new ones are drawn at every developer's run.
settings.register_profile(
    "ours", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("ours")

# A shell starts what runs in its background with Ctrl-C ignored, and every process started from here would inherit it.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The product runs on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def own_data_directory() -> Iterator[None]:
    """Keeps the developer's own history and refreshed prices out of every test, and of the processes they start."""
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", directory)
        yield

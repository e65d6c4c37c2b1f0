"""What every test stands on."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The product runs on asyncio."""
    return "asyncio"

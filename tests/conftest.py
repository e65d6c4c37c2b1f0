"""What several tests need: the local AWS with real functions, a real OTLP receiver, and a real proxy process."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The product runs on asyncio."""
    return "asyncio"

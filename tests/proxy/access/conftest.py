"""An authorization server on loopback, for the tests beside this file."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

# Test directories are no packages; what several of them share lies beside them.
sys.path.insert(0, str(Path(__file__).parents[2] / "authorization"))

from issuing.issuer import Issuer, serving_issuer


@pytest.fixture
def issuer() -> Generator[Issuer]:
    """A fresh one: tests change its keys."""
    with serving_issuer() as made:
        yield made

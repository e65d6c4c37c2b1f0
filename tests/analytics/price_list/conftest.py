"""Offer files in the documented shape, with AWS's own prices and SKUs where those are known."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LIST = Path(__file__).parents[1] / "data" / "price_list"


@pytest.fixture
def offer_file() -> Callable[[str], Any]:
    """Return a function that reads a region's offer file anew, to be changed by the test."""
    return lambda region="us-east-1": json.loads((LIST / f"{region}.json").read_text(encoding="utf-8"))

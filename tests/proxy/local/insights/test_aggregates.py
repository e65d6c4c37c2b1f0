"""Percentiles, whose interpolation is ours."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_proxy.local.insights.evaluation import Event, evaluate


def event(message: str, number: int = 0) -> Event:
    return Event(timestamp_ms=number, ingested_ms=number, message=message, log="l", stream="s", pointer=f"p{number}")


@settings(max_examples=40)
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), percent=st.sampled_from([0, 5, 50, 99, 99.9]))
def test_percentiles_are_interpolated_between_neighbours(values: list[float], percent: float) -> None:
    events = [event(json.dumps({"v": value})) for value in values]
    found = float(evaluate(f"stats pct(v, {percent}) as p, sum(v) as s", events).rows[0][0][1])
    ordered, place = sorted(values), (len(values) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    assert found == pytest.approx(ordered[low] + (ordered[high] - ordered[low]) * (place - low), rel=1e-9, abs=1e-6)

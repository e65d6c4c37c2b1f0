"""What counts as known value by value."""

import pytest

from lambdascope_proxy.local.metrics.samples import Sample, raw_sample


@pytest.mark.parametrize(
    ("count", "total", "minimum", "maximum", "is_raw"),
    [(1, 5, 5, 5, True), (4, 20, 5, 5, True), (4, 21, 5, 5, False), (2, 10, 4, 6, False), (1, 5, 4, 6, False)],
)
def test_a_summary_is_raw_when_only_one_value_can_be_in_it(
    count: float, total: float, minimum: float, maximum: float, is_raw: bool
) -> None:
    sample = Sample(timestamp_ms=0, count=count, total=total, minimum=minimum, maximum=maximum, unit="None")
    assert sample.is_raw is is_raw


def test_a_raw_sample_is_raw_and_belongs_to_its_minute() -> None:
    sample = raw_sample(119_999, 0.1, "None", 3)
    assert sample.is_raw
    assert sample.minute_ms == 60_000

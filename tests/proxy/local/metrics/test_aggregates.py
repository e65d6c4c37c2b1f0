"""Statistics agree with numpy on any data, and with figures worked out by hand where numpy has no say."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.metrics.aggregates import statistic
from lambdascope_proxy.local.metrics.samples import Sample, raw_sample

VALUES = st.lists(st.floats(0, 1e9), min_size=1, max_size=60)
PERCENTS = st.decimals(0, 100, places=3)


def samples(values: list[float]) -> list[Sample]:
    return [raw_sample(0, value, "None") for value in values]


def summary(minimum: float, maximum: float, total: float, count: float) -> Sample:
    return Sample(timestamp_ms=0, count=count, total=total, minimum=minimum, maximum=maximum, unit="None")


TEN = [7.0, 1, 10, 4, 3, 9, 2, 8, 6, 5]
GOLDEN = [
    ("SampleCount", TEN, 10),
    ("Sum", TEN, 55),
    ("Average", TEN, 5.5),
    ("Minimum", TEN, 1),
    ("Maximum", TEN, 10),
    ("p0", TEN, 1),
    ("p50", TEN, 5.5),
    ("p95", TEN, 9.55),
    ("p99.9", TEN, 9.991),
    ("p100", TEN, 10),
    ("p95", [float(n) for n in range(1, 101)], 95.05),
    ("tm90", TEN, 5.0),  # 1..9
    ("tm99", TEN, 5.5),  # a tenth of a value is none
    ("tc90", TEN, 9),
    ("ts90", TEN, 45),
    ("wm80", TEN, (36 + 2 * 8) / 10),  # 1..8, and 8 twice more
    ("TM(2%:98%)", TEN, 5.5),
    ("TM(10%:90%)", TEN, 5.5),
    ("TM(:90%)", TEN, 5.0),
    ("TM(20%:)", TEN, 6.5),
    ("TM(2:4)", TEN, 3.5),  # 3 and 4
    ("TM(:4)", TEN, 2.5),
    ("TC(2:4)", TEN, 2),
    ("TC(50:60)", TEN, 0),
    ("TM(50:60)", TEN, None),
    ("TS(80%:)", TEN, 19),
    ("TS(2:4)", TEN, 7),
    ("WM(10%:90%)", TEN, (2 + 44 + 9) / 10),
    ("WM(2:4)", TEN, (2 + 2 + 3 + 4 * 7) / 10),
    ("WM(:4)", TEN, (1 + 2 + 3 + 4 * 7) / 10),
    ("PR(:3)", TEN, 30),
    ("PR(3:)", TEN, 70),
    ("PR(3:5)", TEN, 20),
    ("PR(0.05:0.3)", [0.05, 0.3, 0.1], 200 / 3),
    ("PR(:0)", [0.0, 1], 50),
    ("IQM", [1.0, 2, 3, 4, 5, 6, 7, 100], 4.5),
    ("IQM", [9.0], 9),
]


@pytest.mark.parametrize(("name", "values", "expected"), GOLDEN)
def test_a_statistic_has_the_value_worked_out_by_hand(name: str, values: list[float], expected: float | None) -> None:
    assert statistic(name)(samples(values)) == (None if expected is None else pytest.approx(expected, rel=1e-12))


@given(values=VALUES, percent=PERCENTS)
def test_a_percentile_is_what_numpy_says(values: list[float], percent: object) -> None:
    found = statistic(f"p{percent}")(samples(values))
    assert found == pytest.approx(float(np.percentile(values, float(str(percent)))), rel=1e-9, abs=1e-9)


@given(values=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=20))
def test_a_value_published_with_a_count_is_as_good_as_that_many_values(values: list[tuple[int, int]]) -> None:
    counted = [raw_sample(0, float(value), "None", float(count)) for value, count in values]
    repeated = samples([float(value) for value, count in values for _ in range(count)])
    for name in ("SampleCount", "Sum", "Average", "p37.5", "tm80", "tc80", "wm80", "TM(11%:77%)", "PR(10:20)", "IQM"):
        one, other = statistic(name)(counted), statistic(name)(repeated)
        assert one == (None if other is None else pytest.approx(other, rel=1e-12)), name


@given(values=VALUES, percent=st.decimals("0.1", 100, places=1))
def test_trimmed_mean_count_and_sum_belong_together(values: list[float], percent: object) -> None:
    mean, count, total = (statistic(f"{name}{percent}")(samples(values)) for name in ("tm", "tc", "ts"))
    assert mean is not None
    assert count is not None
    assert total == pytest.approx(mean * count, rel=1e-9, abs=1e-9)
    assert count == len(values) - math.floor(len(values) * (100 - float(str(percent))) / 100 + 1e-9)
    kept = sorted(values)[: int(count)]
    assert total == pytest.approx(math.fsum(kept), rel=1e-9, abs=1e-9)


def test_a_summary_gives_the_simple_statistics_and_no_other() -> None:
    """A percentile guessed from minimum and maximum would look like a measurement."""
    mixed = [summary(1, 9, 20, 4), raw_sample(0, 5.0, "None")]
    named = {name: statistic(name)(mixed) for name in ("SampleCount", "Sum", "Average", "Minimum", "Maximum", "p50")}
    assert named == {"SampleCount": 5, "Sum": 25, "Average": 5, "Minimum": 1, "Maximum": 9, "p50": None}
    assert statistic("p50")([summary(3, 3, 12, 4)]) == 3  # of which every value is known


def test_negative_values_have_no_percentiles() -> None:
    assert statistic("p50")(samples([-1.0, 2.0])) is None
    assert statistic("Sum")(samples([-1.0, 2.0])) == 1


REFUSED = (
    *("", " p50", "p50\n", "P50", "p101", "p-1", "p", "p5.", "p50%", "p1e1", "p50.12345678901", "sum", "SUM", "avg"),
    *("Median", "tm0", "tm101", "TM90", "tm(1:2)", "TM(90%)", "TM(:)", "TM(1:50%)", "TM(10%:50)", "TM(50%:50%)"),
    *("TM(60%:50%)", "TM(5:5)", "TM(6:5)", "TM(:101%)", "TM(:0%)", "TM(-1:5)", "PR(10%:)", "pr50", "PR(5)", "iqm"),
)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_statistic_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a statistic"):
        statistic(name)

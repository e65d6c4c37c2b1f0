"""Published samples are kept by metric, the newest ones, all of a request or none."""

from collections.abc import Iterator

import pytest

from lambdascope_proxy.local.metrics.custom import CustomMetrics, Published
from lambdascope_proxy.local.metrics.samples import MetricKey, raw_sample

ONE, OTHER = MetricKey(namespace="n", name="one"), MetricKey(namespace="n", name="other")


def test_samples_are_found_by_their_metric_and_the_oldest_go_first() -> None:
    custom = CustomMetrics(max_samples=3)
    first, second, third, fourth = (raw_sample(at, 1.0, "None") for at in range(4))
    custom.add([(ONE, first), (OTHER, second)])
    custom.add([(ONE, third), (ONE, fourth)])
    assert custom.by_key() == {OTHER: [second], ONE: [third, fourth]}


def test_half_of_a_request_is_not_kept() -> None:
    def failing() -> Iterator[Published]:
        yield ONE, raw_sample(0, 1.0, "None")
        raise RuntimeError

    custom = CustomMetrics()
    with pytest.raises(RuntimeError):
        custom.add(failing())
    assert custom.by_key() == {}

"""Meters: values under the attributes their metric declares, exact sums, and no more series than allowed."""

import threading
from typing import Any

from lambdascope_proxy import names
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Meters

EU = {names.FAAS_NAME: "orders", names.FAAS_REGION: "eu-west-1"}
EU_SERIES = tuple(sorted(EU.items()))


def test_a_value_carries_what_its_metric_declares_and_nothing_else(metered: Any) -> None:
    labels = {**EU, names.OUTCOME: "ok", names.COLD_START: "true", names.CLIENT_NAME: None}
    metered.meters.record(m.INIT_DURATION, 0.25, labels)
    metered.meters.add(m.COLD_STARTS, 1, labels)
    read = metered.read()
    assert read["lambdascope.lambda.init.duration"] == {EU_SERIES: (1, 0.25)}
    assert read["lambdascope.lambda.cold_starts"] == {EU_SERIES: 1}


def test_a_counter_is_the_sum_of_what_was_added_and_grows_from_export_to_export(metered: Any) -> None:
    for amount in (0.5, 0.25, 0.125):
        metered.meters.add(m.BILLED_DURATION, amount, EU)
    assert metered.read()["lambdascope.lambda.billed.duration"] == {EU_SERIES: 0.875}
    metered.meters.add(m.BILLED_DURATION, 0.125, EU)
    assert metered.read()["lambdascope.lambda.billed.duration"] == {EU_SERIES: 1.0}


def test_threads_lose_no_addition(metered: Any) -> None:
    def add() -> None:
        for _ in range(2000):
            metered.meters.add(m.COLD_STARTS, 1, EU)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert metered.read()["lambdascope.lambda.cold_starts"] == {EU_SERIES: 8000}


def test_what_is_watched_is_read_anew_for_each_export(metered: Any) -> None:
    lengths = iter([3, 5])
    metered.meters.watch(m.QUEUE_LENGTH, lambda: [(next(lengths), {})])
    assert metered.read()["lambdascope.history.queue.length"] == {(): 3}
    assert metered.read()["lambdascope.history.queue.length"] == {(): 5}


def test_a_metric_without_values_is_not_exported(metered: Any) -> None:
    # A zero for a function that was never throttled would be a series for each function.
    metered.meters.add(m.COLD_STARTS, 1, EU)
    assert set(metered.read()) == {"lambdascope.lambda.cold_starts"}


def test_names_that_clients_give_themselves_take_no_series_from_the_others(metered: Any) -> None:
    """Whoever connects under a new name for each call filled the series: new functions were told by nothing."""
    for number in range(2500):
        metered.meters.add(m.CALLS, 1, {**EU, names.CLIENT_NAME: f"client-{number}"})
    metered.meters.add(m.CALLS, 1, {names.FAAS_NAME: "new", names.CLIENT_NAME: "client-7"})
    metered.meters.add(m.COST, 0.5, {**EU, names.CLIENT_NAME: "client-100"})
    read = metered.read()
    calls = read["lambdascope.calls"]
    assert len(calls) == 100 + 1 + 1
    assert calls[*EU_SERIES, ("lambdascope.client.name", "_OTHER")] == 2400
    assert calls[("faas.invoked_name", "new"), ("lambdascope.client.name", "client-7")] == 1
    assert read["lambdascope.cost"] == {(*EU_SERIES, ("lambdascope.client.name", "_OTHER")): 0.5}
    assert read["lambdascope.metrics.overflow"] == {
        (("lambdascope.metric", "lambdascope.calls"), ("lambdascope.reason", "client_limit")): 2400,
        (("lambdascope.metric", "lambdascope.cost"), ("lambdascope.reason", "client_limit")): 1,
    }


def test_series_beyond_the_limit_share_one_and_are_counted(metered: Any) -> None:
    # What a caller may choose, such as its own name, must not be able to fill the memory of a metrics store.
    meters = Meters(metered.provider.get_meter("bounded"), most_series=2)
    for client in ("a", "b", "c", "d", "a"):
        meters.add(m.CALLS, 1, {names.CLIENT_NAME: client})
    read = metered.read()
    assert read["lambdascope.calls"] == {
        (("lambdascope.client.name", "a"),): 2,
        (("lambdascope.client.name", "b"),): 1,
        (("otel.metric.overflow", True),): 2,
    }
    assert read["lambdascope.metrics.overflow"] == {
        (("lambdascope.metric", "lambdascope.calls"), ("lambdascope.reason", "series_limit")): 2
    }

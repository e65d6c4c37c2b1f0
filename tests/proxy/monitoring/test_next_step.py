"""One step for one set of figures."""

from typing import Any

import pytest

from lambdascope_proxy.monitoring.next_step import Signs, next_step

TROUBLES: list[tuple[dict[str, Any], str]] = [
    ({"out_of_memory": 2}, "raise its memory above 256 MB"),
    ({"timeouts": 3}, "query_logs(function_names=['orders'], preset='timeouts')"),
    ({"throttles": 4.0}, "Throttled 4 times"),
    ({"errors": 5.0}, "query_logs(function_names=['orders'], preset='errors')"),
    ({"memory_share": 0.95}, "used 95% of its 256 MB"),
    ({"concurrency_share": 0.8}, "80% of its concurrency limit"),
    ({"cold_share": 0.2}, "20% were cold starts"),
]


def signs(**known: Any) -> Signs:
    """A healthy function; give what is not."""
    return Signs(**{"function_name": "orders", "invocations": 100.0, "memory_mb": 256, "timeouts": 0, **known})


@pytest.mark.parametrize(("trouble", "words"), TROUBLES)
def test_each_trouble_has_its_step(trouble: dict[str, Any], words: str) -> None:
    assert words in next_step(signs(**trouble))


def test_the_worse_trouble_goes_first() -> None:
    everything: dict[str, Any] = {}
    for trouble, words in reversed(TROUBLES):
        everything |= trouble
        assert words in next_step(signs(**everything))


def test_an_example_of_an_error_is_better_than_a_search_for_one() -> None:
    assert "inspect_execution(request_id='r1')" in next_step(signs(errors=1.0, top_request_id="r1"))


@pytest.mark.parametrize("edge", [{"memory_share": 0.9}, {"cold_share": 0.1}, {"concurrency_share": 0.79}])
def test_what_is_at_the_edge_is_no_trouble(edge: dict[str, Any]) -> None:
    assert "Nothing stands out" in next_step(signs(**edge))


def test_a_handful_of_executions_says_nothing_of_cold_starts() -> None:
    # The first call of a day is cold: 100 % of one.
    assert "Nothing stands out" in next_step(signs(cold_share=1.0, invocations=1.0))


def test_nothing_stands_out_only_in_what_was_asked_for() -> None:
    told = next_step(signs(is_all=False))
    assert "in the figures that were asked for" in told
    assert "monitor_executions(function_name='orders')" in told
    assert "asked for" not in next_step(signs())


def test_cold_starts_are_not_to_be_paid_against_before_timeouts_were_looked_at() -> None:
    told = next_step(signs(cold_share=0.2, timeouts=None))
    assert "20% were cold starts" in told
    assert "timeouts or crashes" in told
    assert "SnapStart" not in told
    assert "SnapStart" in next_step(signs(cold_share=0.2))


def test_no_traffic_and_missing_sources_are_told_as_such() -> None:
    assert "No traffic" in next_step(signs(invocations=0.0))
    assert "partial" in next_step(signs(is_whole=False))

"""Links from a look into the logs to the calls it is about."""

from collections.abc import Callable

from lambdascope_proxy.reconcile.links import MOST, links_to
from lambdascope_proxy.reconcile.pending import Pending

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7"


def test_each_call_with_a_span_is_linked_to(pending_of: Callable[..., Pending]) -> None:
    (link,) = links_to([pending_of(1, trace_id=TRACE, span_id=SPAN), pending_of(2), pending_of(3, trace_id=TRACE)])
    assert (f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}") == (TRACE, SPAN)
    assert link.context.is_remote


def test_of_very_many_calls_as_many_are_linked_as_a_span_keeps(pending_of: Callable[..., Pending]) -> None:
    calls = [pending_of(number, trace_id=TRACE, span_id=f"{number:016x}") for number in range(1, 500)]
    links = links_to(calls)
    assert [link.context.span_id for link in links] == [*range(1, MOST + 1)]

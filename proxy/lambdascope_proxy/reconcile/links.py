"""Leads from a look into the logs back to the calls it is about, which ended in traces of their own."""

from collections.abc import Iterable
from typing import Final

from opentelemetry.trace import Link, SpanContext, TraceFlags

from lambdascope_proxy.reconcile.pending import Pending

# As many as the SDK keeps on one span.
MOST: Final = 128


def links_to(calls: Iterable[Pending]) -> list[Link]:
    """A link to the span of each call that has one; of very many calls to the first."""
    contexts = (
        SpanContext(int(call.trace_id, 16), int(call.span_id, 16), is_remote=True, trace_flags=TraceFlags.get_default())
        for call in calls
        if call.trace_id and call.span_id
    )
    return [Link(context) for context, _ in zip(contexts, range(MOST), strict=False)]

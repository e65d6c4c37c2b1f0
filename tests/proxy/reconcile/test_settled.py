"""The span of a look: what it was about, and red where what it found is a failure that nobody saw."""

from collections.abc import Callable
from typing import Any

import pytest

from lambdascope_proxy.reconcile.pending import Pending, batches_of
from lambdascope_proxy.reconcile.settled import describe, settled_of
from lambdascope_proxy.selection import Function


@pytest.mark.parametrize(
    ("was", "became", "status", "error_type"),
    [
        ("accepted", "ok", "UNSET", None),
        ("accepted", "function_timeout", "ERROR", "function_timeout"),
        ("accepted", None, "UNSET", None),
        ("function_error", "function_timeout", "UNSET", None),  # whose own span is red
    ],
)
def test_a_look_tells_of_its_function_and_outcomes_and_is_red_for_what_failed_unseen(
    tracing: Any, pending_of: Callable[..., Pending], function_of: Callable[..., Function], noon: Any,
    was: str, became: str | None, status: str, error_type: str | None,
) -> None:  # fmt: skip
    members = [(pending_of(1, outcome=was), function_of()), (pending_of(2, outcome=was), function_of())]
    (batch,) = batches_of(members, noon)
    with tracing.tracer.start_as_current_span("reconcile") as span:
        describe(span, batch, [settled_of(*members[0], [], {"outcome": became} if became else {})])
    (told,) = tracing.finished()
    assert told["status"] == status
    assert told["attributes"] == {
        "faas.invoked_name": "orders",
        "faas.invoked_region": "us-east-1",
        "lambdascope.reconcile.calls": 2,
        "lambdascope.reconcile.completed": 1,
        "lambdascope.reconcile.outcomes": (became,) if became else (),
        **({"error.type": error_type} if error_type else {}),
    }


def test_a_look_at_several_functions_is_about_none_alone(
    tracing: Any, pending_of: Callable[..., Pending], function_of: Callable[..., Function], noon: Any
) -> None:
    names = ("orders", "bills")
    functions = [function_of(name, log_group="/shared") for name in names]
    members = [(pending_of(n, function_name=f.name), f) for n, f in enumerate(functions)]
    (batch,) = batches_of(members, noon)
    with tracing.tracer.start_as_current_span("reconcile") as span:
        describe(span, batch, [])
    assert "faas.invoked_name" not in tracing.finished()[0]["attributes"]

"""What a call spent: its price, its time, or that it ran at no known price."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.history import open_history
from lambdascope_analytics.statements import statement
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.budgets.spending import MAY_HAVE_RUN, NOTHING, Spent, seconds, spent_on
from lambdascope_proxy.call import Aim, Call, Failure, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.facts import facts_of

CallOf = Callable[..., Call]
CENT = Decimal("0.01")


def outcome_of(kind: OutcomeKind = OutcomeKind.OK, error_type: str = "", **invocation: Any) -> Outcome:
    failure = Failure(error_type=error_type, message="") if error_type else None
    return Outcome(kind=kind, failure=failure, invocation=Invocation(region="us-east-1", **invocation))


def test_a_priced_call_spends_its_price_and_its_time(call_of: CallOf) -> None:
    outcome = outcome_of(cost_usd=CENT, invoke_ms=1234.5678)
    assert spent_on(call_of(), outcome) == Spent(usd=CENT, seconds=Decimal("1.234568"))


@pytest.mark.parametrize("kind", OutcomeKind)
def test_a_call_that_may_have_run_without_a_price_is_counted_and_any_other_is_not(
    call_of: CallOf, kind: OutcomeKind
) -> None:
    assert spent_on(call_of(), outcome_of(kind)) == Spent(unpriced=int(kind in MAY_HAVE_RUN))


@pytest.mark.parametrize(
    "outcome",
    [
        outcome_of(OutcomeKind.TRANSPORT_ERROR, "ConnectTimeoutError"),
        outcome_of(OutcomeKind.TRANSPORT_ERROR, "UpstreamNotStarted"),
        outcome_of(OutcomeKind.CANCELLED, attempts=0),
        outcome_of(OutcomeKind.CANCELLED, attempts=2, throttles=2),
        Outcome(kind=OutcomeKind.OK),
    ],
)
def test_what_was_never_sent_spends_nothing(call_of: CallOf, outcome: Outcome) -> None:
    assert spent_on(call_of(), outcome) == NOTHING


def test_attempts_without_an_answer_are_not_free_because_the_last_one_had_its_price(call_of: CallOf) -> None:
    call = call_of(aim=Aim(target="upstream:shop"))
    assert spent_on(call, outcome_of(attempts=3, cost_usd=CENT)) == Spent(usd=CENT, unpriced=2)
    lost = outcome_of(OutcomeKind.TRANSPORT_ERROR, "CallTimeout", attempts=3)
    assert spent_on(call, lost) == Spent(unpriced=3)


KINDS_OF_AIM = (Aim(target="lambda"), Aim(target="lambda", invocation_type="DryRun"), Aim(target="upstream:shop"))
ERRORS = ("", "ConnectTimeoutError", "UpstreamNotStarted", "ResultTooLarge", "ReadTimeoutError")
MADE = (
    None,
    Invocation(attempts=0),
    Invocation(),
    Invocation(attempts=3),
    Invocation(cost_usd=CENT),
    Invocation(attempts=3, cost_usd=CENT),
)


def test_the_history_counts_the_same_calls_as_unpriced(call_of: CallOf, tmp_path: Path) -> None:
    # After a restart, and to other processes, a budget must stand where it stood.
    counted, writer = dict[str | None, int](), SpoolWriter(tmp_path)
    for number, (aim, kind, error_type, made) in enumerate(product(KINDS_OF_AIM, OutcomeKind, ERRORS, MADE)):
        plain = call_of(aim=aim)
        call = replace(plain, call_id=str(UUID(int=number + 1)), caller=replace(plain.caller, principal=f"{number}"))
        outcome = replace(outcome_of(kind, error_type), invocation=made)
        counted[call.caller.principal] = spent_on(call, outcome).unpriced
        writer.append(facts_of(call, outcome))
    assert writer.close(30)
    day, at = timedelta(days=1), call_of().started_at
    own = {"own_host": "", "own_pid": 0, "own_since": at}
    period = {"started_after": at - day, "started_before": at + day}
    with open_history(tmp_path) as history:
        rows = history.query(statement("monitoring/spent"), {**own, **period})
    assert {row["principal"]: row["unpriced_calls"] for row in rows} == counted


def test_a_dry_run_spends_time_only(call_of: CallOf) -> None:
    call = call_of(aim=Aim(target="lambda", invocation_type="DryRun"))
    assert spent_on(call, outcome_of(OutcomeKind.DRY_RUN, invoke_ms=5.0)) == Spent(seconds=Decimal("0.005"))


def test_looking_at_cloudwatch_spends_what_aws_charges(call_of: CallOf) -> None:
    look = Outcome(kind=OutcomeKind.OK, bill=Bill(region="us-east-1", metrics=100))
    assert spent_on(call_of(), look) == Spent(usd=Decimal("0.001"))
    elsewhere = replace(look, bill=Bill(region="xx-nowhere-1", metrics=100))
    assert spent_on(call_of(), elsewhere) == Spent(unpriced=1)


@given(st.lists(st.floats(0, 1e7)))
def test_times_add_up_to_the_microsecond(times: list[float]) -> None:
    # Floats would drift: a budget must not depend on the order of calls.
    exact = sum(round(Decimal(time), 3) for time in times)
    assert sum((Spent(seconds=seconds(time)) for time in times), NOTHING).seconds * 1000 == exact

"""Puts together what is known of one execution: its history row, what its log says, its price and its session. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from lambdascope_analytics.adhoc.cells import plain
from lambdascope_analytics.pricing import RateTable
from lambdascope_proxy.call import Invocation, OutcomeKind
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.measure import not_sent, with_price, with_report
from lambdascope_proxy.monitoring.clocks import Clock, clocks_of
from lambdascope_proxy.monitoring.links import log_stream_link, trace_link, xray_link
from lambdascope_proxy.monitoring.request_log import RequestAttempt
from lambdascope_proxy.monitoring.request_reading import RequestLog
from lambdascope_proxy.reconcile.pending import EVENT_REACH, MOST_ATTEMPTS, REACH
from lambdascope_proxy.selection import Function

LONGEST_VALUE: Final = 2_000
EVENT: Final = "Event"
HTTP: Final = "http"
# What was wrong with the call itself, so that its function did not run.
REJECTED: Final = ("refused", "invalid_arguments", "not_found", "access_denied", "payload_too_large")
# There is no log to look for.
NEVER_RAN: Final = (*REJECTED, "dry_run", "throttled")
FAILED: Final = ("function_error", "function_timeout", "out_of_memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedAttempt:
    """One attempt with what it measured and cost, as far as there is a report, and its error free of secrets."""

    attempt: RequestAttempt
    measured: Invocation
    outcome: str | None
    error_type: str | None
    error_message: str | None

    def as_data(self) -> dict[str, Any]:
        """For an answer: the known figures of the attempt under the names of the history's columns."""
        measured = self.measured
        told = {
            "began_at": plain(self.attempt.began_at),
            "outcome": self.outcome,
            "error_type": self.error_type,
            "error_message": self.error_message,
            "executed_version": self.attempt.version,
            "duration_ms": measured.duration_ms,
            "billed_ms": measured.billed_ms,
            "init_ms": measured.init_ms,
            "restore_ms": measured.restore_ms,
            "memory_mb": measured.memory_mb if self.attempt.report else None,
            "max_memory_mb": measured.max_memory_mb,
            "cost_usd": plain(measured.cost_usd),
            "xray_trace_id": measured.xray_trace_id,
            "log_stream": self.attempt.stream,
        }
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One execution: `row` is None when it never came through a proxy, then the log is all there is.

    `shortfalls` say in words what could not be had.
    """

    request_id: str | None
    row: Mapping[str, Any] | None
    function: Function | None
    log: RequestLog | None
    attempts: tuple[PricedAttempt, ...]
    neighbours: Sequence[Mapping[str, Any]]
    trace_url: str
    shortfalls: tuple[str, ...]

    @property
    def facts(self) -> dict[str, Any]:
        """What is known, under the names of the history's columns, as JSON can hold it; the unknown is left out."""
        known = dict(self.row) if self.row is not None else self._logged()
        plain_facts = {name: plain(value) for name, value in known.items() if value is not None}
        return {name: _bounded(value) for name, value in plain_facts.items()}

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """Where the caller's time went."""
        return clocks_of(self.row or {})

    @property
    def is_pending(self) -> bool:
        """Whether it was called asynchronously and the history does not know yet how it ended."""
        row = self.row or {}
        return row.get("outcome") == "accepted" and row.get("duration_ms") is None

    @property
    def has_no_session(self) -> bool:
        """Whether a client's call came without a session, as newer protocols over HTTP do."""
        row = self.row
        return row is not None and row.get("session_id") is None and row.get("transport") == HTTP

    @property
    def bill(self) -> Bill | None:
        """Reading log events is not charged; None when AWS was not asked."""
        return Bill(region=self.function.region) if self.function and self.log else None

    @property
    def links(self) -> dict[str, str]:
        """Where else to look at it."""
        facts, last = self.facts, self.attempts[-1] if self.attempts else None
        region = facts.get("region")
        xray_id = facts.get("xray_trace_id") or (last.measured.xray_trace_id if last else None)
        found = {
            "trace": trace_link(self.trace_url, facts.get("trace_id")),
            "xray": xray_link(region, xray_id) if region and xray_id else None,
            "log_stream": log_stream_link(region, self.log.group, last.attempt.stream)
            if region and self.log and last
            else None,
        }
        return {name: link for name, link in found.items() if link}

    @property
    def next_step(self) -> str:
        """What to ask next."""
        facts = self.facts
        outcome, name = facts.get("outcome"), facts.get("function_name", "...")
        if self.is_pending:
            return "The proxy completes it from the logs by itself within some minutes: ask again then."
        if advice := self._without_run(outcome, name):
            return advice
        if outcome == "out_of_memory":
            return f'query_logs(function_names=["{name}"], preset="memory") shows how much it needs.'
        if outcome == "function_timeout":
            return f'query_logs(function_names=["{name}"], preset="timeouts") shows whether it is alone.'
        if outcome in FAILED:
            return f'query_logs(function_names=["{name}"], preset="errors") shows whether it is alone.'
        if facts.get("cold_start"):
            return f'query_logs(function_names=["{name}"], preset="cold_starts") shows how often it starts cold.'
        return f'query_logs(function_names=["{name}"], preset="slowest") sets it beside the others.'

    def _without_run(self, outcome: str | None, name: str) -> str | None:
        """What to do about a call that ran no function; None when one ran, or may have."""
        if self.row is not None and self.row.get("target") != "lambda":
            return "It ran no function, so there is no more to know of it: call it again to see its answer."
        if outcome in REJECTED:
            return "The function did not run: correct what the error says and call it again."
        if outcome == "dry_run":
            return "The function did not run: call it without DryRun to run it."
        if outcome == "throttled":
            return (
                f'The function did not run: monitor_executions(function_name="{name}") shows how often it is throttled.'
            )
        return None

    def _logged(self) -> dict[str, Any]:
        """The facts of an execution that only the log knows: of its last attempt, billed and priced over all."""
        function, last = self.function, self.attempts[-1]
        assert function is not None
        costs = [each.measured.cost_usd for each in self.attempts]
        billed = [each.measured.billed_ms for each in self.attempts]
        is_priced = all(cost is not None for cost in costs)
        return {
            **last.as_data(),
            "request_id": self.request_id,
            "function_name": function.name,
            "region": function.region,
            "account_id": function.account_id,
            "architecture": function.architecture,
            "runtime": function.runtime,
            "cold_start": last.measured.cold_start,
            "billed_ms": None if None in billed else sum(each for each in billed if each is not None),
            "cost_usd": sum((cost for cost in costs if cost is not None), Decimal(0)) if is_priced else None,
            "cost_source": "logs" if is_priced else "none",
            "rates_version": last.measured.rates_version,
        }


def priced(
    attempts: Sequence[RequestAttempt], function: Function, rates: RateTable, scrub: Callable[[str], str]
) -> tuple[PricedAttempt, ...]:
    """The attempts with their list price, at the architecture the function has today; `scrub` masks secrets."""
    return tuple(_priced(each, function, rates, scrub) for each in attempts)


def _priced(
    attempt: RequestAttempt, function: Function, rates: RateTable, scrub: Callable[[str], str]
) -> PricedAttempt:
    verdict = attempt.verdict
    failure = verdict.failure if verdict else None
    return PricedAttempt(
        attempt=attempt,
        measured=_measured(attempt, function, rates),
        outcome=verdict.kind.value if verdict else None,
        error_type=scrub(failure.error_type) if failure else None,
        error_message=scrub(failure.message) if failure else None,
    )


def _measured(attempt: RequestAttempt, function: Function, rates: RateTable) -> Invocation:
    measured = with_report(not_sent(function, 0), attempt.report)
    return measured if measured.billed_ms is None else with_price(measured, function, rates)


def _bounded(value: Any) -> Any:
    """A payload that is recorded is as long as the operator allows: too long for this."""
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"{value[:LONGEST_VALUE]}... (cut: {len(value)} characters)"
    return value


def looks_after(row: Mapping[str, Any], timeout_s: float) -> tuple[timedelta, ...]:
    """How long after a call began its log is read for, and again if it has not ended by then.

    An asynchronous call waits and is tried again, as reconciliation expects it to be.
    """
    if row.get("invocation_type") == EVENT:
        attempts = timedelta(seconds=timeout_s * MOST_ATTEMPTS)
        return REACH + attempts, EVENT_REACH + attempts
    return (timedelta(milliseconds=float(row.get("total_ms") or 0), seconds=timeout_s + 60),)


def has_ended(log: RequestLog) -> bool:
    """Whether Lambda does not try this request again: an attempt succeeded, or it was the last."""
    is_ok = any(each.verdict and each.verdict.kind is OutcomeKind.OK for each in log.attempts)
    return is_ok or len(log.attempts) >= MOST_ATTEMPTS

"""Puts an outcome into what a client gets: text for the model, structured facts for programs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, cast

from lambdascope_proxy.call import Call, Outcome
from lambdascope_proxy.facts import ANSWER_COLUMNS, UNSENT_COLUMNS, facts_of

META_PREFIX: Final = "dev.lambdascope/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Text blocks for the model, the structured content, and whether the call failed."""

    texts: tuple[str, ...]
    structured: Mapping[str, Any]
    is_error: bool


def answer_of(call: Call, outcome: Outcome) -> Answer:
    """The answer to a call. A Lambda call adds its facts; a tool of our own only says what it found."""
    facts = facts_of(call, outcome)
    notes = {"notes": list(outcome.notes)} if outcome.notes else {}
    if call.aim.target != "lambda" and not outcome.failure:
        return Answer(texts=(outcome.text, *outcome.notes), structured={**outcome.data, **notes}, is_error=False)
    structured = {
        **outcome.data,
        **{column: _plain(facts.get(column)) for column in _columns(outcome)},
        **_failure(outcome),
        **({"log_tail": outcome.log_tail} if call.aim.wants_log else {}),
        **notes,
    }
    main = failure_text(outcome, facts) if outcome.failure else outcome.text
    log_tail = (f"Log tail:\n{outcome.log_tail}",) if call.aim.wants_log and outcome.log_tail else ()
    summary = (summary_of(facts),) if call.aim.target == "lambda" else ()
    texts = (main, *outcome.notes, *log_tail, *summary)
    return Answer(texts=texts, structured=structured, is_error=outcome.kind.is_failure)


def wire_answer(call: Call, outcome: Outcome, result: Mapping[str, Any], ms: float) -> dict[str, Any]:
    """Another server's result, unchanged but for our facts of the call in its `_meta`."""
    facts = facts_of(call, outcome)
    attempts = facts.get("attempts", 1)
    told = {
        "call_id": facts["call_id"],
        "trace_id": facts["trace_id"],
        "outcome": facts["outcome"],
        "ms": round(ms, 3),
        "cost_usd": _plain(facts.get("cost_usd")),
        "attempts": attempts if attempts != 1 else None,
        "notes": [*outcome.notes] or None,
        **outcome.meta,
    }
    ours = {_key(name): value for name, value in told.items() if value is not None}
    return {**result, "_meta": {**cast("Mapping[str, Any]", result.get("_meta") or {}), **ours}}


def own_meta(outcome: Outcome) -> dict[str, Any]:
    """What `_meta` of an answer of ours says."""
    return {_key(name): value for name, value in outcome.meta.items() if value is not None}


def _key(name: str) -> str:
    return name if "/" in name else f"{META_PREFIX}{name}"


def _columns(outcome: Outcome) -> tuple[str, ...]:
    """Nothing was sent: then nothing was measured, and a row of nulls would only cost the model tokens."""
    was_sent = outcome.invocation is not None and outcome.invocation.attempts > 0
    return ANSWER_COLUMNS if was_sent else UNSENT_COLUMNS


def failure_text(outcome: Outcome, facts: Mapping[str, Any]) -> str:
    """Cause, next step and innermost stack lines, for the model."""
    failure = outcome.failure
    assert failure is not None
    lines = [f"{outcome.kind.value}: {failure.error_type}: {failure.message}", failure.hint, *failure.stack]
    if facts.get("request_id"):
        lines.append(f"AWS request id: {facts['request_id']}")
    return "\n".join(line for line in lines if line)


def summary_of(facts: Mapping[str, Any]) -> str:
    """One line of what the call took and cost, for readers that show only text."""
    parts = [f"call {facts['call_id']}", facts["outcome"]]
    if facts.get("billed_ms") is not None:
        parts.append(f"billed {facts['billed_ms']} ms at {facts['memory_mb']} MB")
    if facts.get("cold_start"):
        parts.append(f"cold start {facts.get('init_ms') or facts.get('restore_ms')} ms")
    if facts.get("cost_usd") is not None:
        parts.append(f"${facts['cost_usd']:f} {facts['cost_source']}")
    return "lambdascope: " + ", ".join(parts)


def _failure(outcome: Outcome) -> dict[str, Any]:
    if outcome.failure is None:
        return {}
    return {"error_message": outcome.failure.message, "next_step": outcome.failure.hint}


def _plain(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value

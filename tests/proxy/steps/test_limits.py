"""Sizes: what Lambda takes, and what a model can read."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Failure, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.results import Results
from lambdascope_proxy.steps.limits import EVENT_BYTES, SYNC_BYTES, LimitsStep
from lambdascope_proxy.tools.read_result import ReadResult

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("kind", "limit"), [("RequestResponse", SYNC_BYTES), ("DryRun", SYNC_BYTES), ("Event", EVENT_BYTES)]
)
async def test_a_payload_of_the_limit_passes_and_one_byte_more_does_not(
    call_of: Callable[..., Call], kind: str, limit: int
) -> None:
    step, arguments = LimitsStep(Results(0), 1024), {"function_name": "orders", "invocation_type": kind}
    passed: list[int] = []

    async def call_next(call: Call) -> Outcome:
        passed.append(len(call.payload))
        return Outcome(kind=OutcomeKind.OK)

    await step(call_of(arguments, payload=b"x" * limit), call_next)
    with pytest.raises(CallFailed) as failed:
        await step(call_of(arguments, payload=b"x" * (limit + 1)), call_next)
    assert passed == [limit]
    assert failed.value.kind is OutcomeKind.PAYLOAD_TOO_LARGE
    assert str(failed.value) == f"The payload has {limit + 1} bytes; a {kind} call takes {limit}."


def test_the_limits_are_lambdas() -> None:
    assert (SYNC_BYTES, EVENT_BYTES) == (6 * 1024 * 1024, 1024 * 1024)


async def run(call: Call, outcome: Outcome, results: Results, most: int) -> Outcome:
    async def call_next(call: Call) -> Outcome:
        return outcome

    return await LimitsStep(results, most)(call, call_next)


async def test_a_result_of_the_limit_is_handed_on_whole(call_of: Callable[..., Call]) -> None:
    results, text = Results(100), "é" * 5
    outcome = Outcome(kind=OutcomeKind.OK, text=text, data={"result": text})
    assert await run(call_of(), outcome, results, 10) is outcome
    assert results.read(call_of().call_id, "ada") is None


async def test_a_longer_result_is_cut_between_characters_and_kept_whole(call_of: Callable[..., Call]) -> None:
    call, results, text = call_of(), Results(1000), "é" * 40
    outcome = Outcome(kind=OutcomeKind.OK, text=text, data={"result": text, "other": 1}, notes=("before",))
    cut = await run(call, outcome, results, 11)
    assert cut.text == "é" * 5
    assert cut.data == {"other": 1}  # half a result is no result
    assert cut.notes == (
        "before",
        f"The result has 80 bytes; these are the first 11. read_result(call_id={call.call_id!r}, offset=5) reads on.",
    )
    assert results.read(call.call_id, call.caller.principal) == text


async def test_a_result_too_long_to_keep_is_said_to_be_lost(call_of: Callable[..., Call]) -> None:
    cut = await run(call_of(), Outcome(kind=OutcomeKind.OK, text="x" * 200), Results(100), 10)
    assert cut.notes == ("The result has 200 bytes; these are the first 10. The rest was not kept.",)


async def test_what_was_cut_can_be_read_to_its_end(call_of: Callable[..., Call]) -> None:
    call, results = call_of(), Results(10_000)
    text = json.dumps([f"€{number}" for number in range(300)], ensure_ascii=False)
    await run(call, Outcome(kind=OutcomeKind.OK, text=text), results, 100)
    tool, offset, parts = ReadResult(results, 100), 0, list[str]()
    while offset is not None:
        part = (await tool.run(call_of({"call_id": call.call_id, "offset": offset}, tool=tool))).data
        parts.append(part["text"])
        offset = part["next_offset"]
    assert "".join(parts) == text


async def test_a_tool_of_our_own_bounds_its_answer_itself(call_of: Callable[..., Call]) -> None:
    results = Results(1000)
    own = call_of({"call_id": "x"}, tool=ReadResult(results, 10))
    outcome = Outcome(kind=OutcomeKind.OK, text="x" * 50)
    assert await run(own, outcome, results, 10) is outcome


async def test_a_long_error_payload_is_kept_and_the_note_does_not_claim_to_show_it(
    call_of: Callable[..., Call],
) -> None:
    # A failed call's answer shows the failure, not the beginning of the response.
    call, results = call_of(), Results(1000)
    failure = Failure(error_type="E", message="m")
    outcome = Outcome(kind=OutcomeKind.FUNCTION_ERROR, text="x" * 50, failure=failure)
    cut = await run(call, outcome, results, 10)
    assert cut.failure is failure
    assert results.read(call.call_id, call.caller.principal) == "x" * 50
    (note,) = cut.notes
    assert "these are the first" not in note
    assert f"read_result(call_id={call.call_id!r}" in note


@pytest.mark.parametrize(("levels", "stays"), [(100, True), (101, False), (900, False)])
async def test_a_result_nested_too_deeply_for_clients_is_text_alone(
    call_of: Callable[..., Call], levels: int, stays: bool
) -> None:
    text = "[" * levels + "]" * levels
    outcome = Outcome(kind=OutcomeKind.OK, text=text, data={"result": json.loads(text)})
    answered = await run(call_of(), outcome, Results(0), 10_000)
    assert answered.text == text
    assert ("result" in answered.data, bool(answered.notes)) == (stays, not stays)


async def test_a_wide_result_is_not_taken_for_a_deep_one(call_of: Callable[..., Call]) -> None:
    text = json.dumps([[] for _ in range(500)])
    outcome = Outcome(kind=OutcomeKind.OK, text=text, data={"result": json.loads(text)})
    assert await run(call_of(), outcome, Results(0), 10_000) is outcome


def to_upstream(call: Call, **arguments: Any) -> Call:
    return replace(call, arguments=arguments, payload=b"", aim=replace(call.aim, target="upstream:shop"))


@pytest.mark.parametrize("is_lambda", [True, False])
async def test_arguments_over_the_limit_of_the_setting_go_nowhere(
    call_of: Callable[..., Call], is_lambda: bool
) -> None:
    step, sent = LimitsStep(Results(0), 1024, max_argument_bytes=11), list[Call]()

    async def call_next(call: Call) -> Outcome:
        sent.append(call)
        return Outcome(kind=OutcomeKind.OK)

    def sized(word: str) -> Call:
        return call_of(payload=f'{{"a":"{word}"}}'.encode()) if is_lambda else to_upstream(call_of(), a=word)

    await step(sized("123"), call_next)
    with pytest.raises(CallFailed) as failed:
        await step(sized("1234"), call_next)
    assert len(sent) == 1
    assert failed.value.kind is OutcomeKind.PAYLOAD_TOO_LARGE
    assert str(failed.value) == "The arguments have 12 bytes; 11 are allowed."


async def from_upstream(call: Call, wire: dict[str, Any], results: Results, most: int) -> Outcome:
    async def call_next(call: Call) -> Outcome:
        return Outcome(kind=OutcomeKind.OK, wire=wire, invocation=Invocation(attempts=1))

    return await LimitsStep(results, 1024, upstream_result_bytes=most)(to_upstream(call), call_next)


async def test_another_servers_result_is_handed_on_as_it_came_unless_a_limit_is_set(
    call_of: Callable[..., Call],
) -> None:
    wire = {"content": [{"type": "text", "text": "x" * 100_000}]}
    assert (await from_upstream(call_of(), wire, Results(0), 0)).wire is wire
    assert (await from_upstream(call_of(), wire, Results(0), 100_000)).wire is wire


async def test_with_a_limit_its_text_is_cut_and_can_be_read_on(call_of: Callable[..., Call]) -> None:
    call, results = call_of(), Results(1000)
    wire = {"content": [{"type": "text", "text": "x" * 100}], "_meta": {"a": 1}}
    cut = await from_upstream(call, wire, results, 30)
    assert cut.kind is OutcomeKind.OK
    note = (
        "The result has 100 bytes; its text is cut after 30 characters. "
        f"read_result(call_id={call.call_id!r}, offset=30) reads on."
    )
    blocks = [{"type": "text", "text": "x" * 30}, {"type": "text", "text": note}]
    assert cut.wire == {"content": blocks, "_meta": {"a": 1}}
    assert results.read(call.call_id, call.caller.principal) == "x" * 100


async def test_a_result_that_cannot_be_cut_fails_with_where_it_can_be_read(call_of: Callable[..., Call]) -> None:
    call, results = call_of(), Results(1000)
    wire: dict[str, Any] = {"content": [], "structuredContent": {"a": "x" * 100}}
    failed = await from_upstream(call, wire, results, 30)
    assert (failed.kind, failed.wire) == (OutcomeKind.PAYLOAD_TOO_LARGE, None)
    assert failed.invocation == Invocation(attempts=1)
    assert failed.failure is not None
    assert failed.failure.error_type == "ResultTooLarge"
    assert failed.failure.message == "The tool ran; its result has 108 bytes, 30 are handed on."
    assert failed.failure.hint.startswith(f"read_result(call_id={call.call_id!r}, offset=0) reads it as text.")
    assert results.read(call.call_id, call.caller.principal) == '{"a": "' + "x" * 100 + '"}'
    lost = await from_upstream(call, wire, Results(0), 30)
    assert lost.failure is not None
    assert lost.failure.hint.startswith("It was not kept: ask the tool for less.")

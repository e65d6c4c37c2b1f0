"""A payload checked against its function's own schema, before the paid call."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lambdascope_proxy.call import Call, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.schema_store import InputSchema, SchemaStore
from lambdascope_proxy.schemas import compile_schema
from lambdascope_proxy.selection import Function
from lambdascope_proxy.steps.payload import AT_ONCE_BYTES, LONGEST_BYTES, PayloadStep
from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio
SCHEMA = {"type": "object", "properties": {"id": {"type": "integer"}, "to": {"type": "string"}}, "required": ["id"]}


class Known(SchemaStore):
    """A store that already knows: the registry itself is tested with the store."""

    def __init__(self, found: InputSchema | CallFailed | None) -> None:
        self._found = found

    async def of(self, function: Function, version: str = "") -> InputSchema | None:
        if isinstance(self._found, CallFailed):
            raise self._found
        return self._found


@pytest.fixture
def step() -> PayloadStep:
    known = InputSchema(arn="arn:x", version="1", schema=SCHEMA, problems=compile_schema(SCHEMA))
    return PayloadStep(Known(known), Threads(1))


@pytest.fixture
def calling(call_of: Callable[..., Call], function_of: Callable[..., Function]) -> Callable[[object], Call]:
    return lambda payload: call_of({"function_name": "orders", "payload": payload}, function=function_of())


async def passed(call: Call) -> Outcome:
    return Outcome(kind=OutcomeKind.OK, notes=("from inside",))


async def test_a_valid_payload_passes(step: PayloadStep, calling: Callable[[object], Call]) -> None:
    assert (await step(calling({"id": 1}), passed)).notes == ("from inside",)


@pytest.mark.parametrize(
    ("payload", "words"),
    [({}, ["id"]), ({"id": "x", "to": 7}, ["id", "to"]), ([], ["object"]), (None, ["object"])],
)
async def test_a_wrong_one_is_refused_with_all_its_places_and_never_sent(
    step: PayloadStep, calling: Callable[[object], Call], payload: object, words: list[str]
) -> None:
    async def send(call: Call) -> Outcome:
        raise AssertionError("sent")

    with pytest.raises(CallFailed) as failed:
        await step(calling(payload), send)
    assert (failed.value.kind, failed.value.failure.error_type) == (OutcomeKind.INVALID_ARGUMENTS, "PayloadInvalid")
    assert all(word in str(failed.value) for word in words), str(failed.value)
    assert "get_function_schema(function_name='orders'" in failed.value.failure.hint


async def test_the_history_keeps_the_places_and_not_the_values_they_hold(
    step: PayloadStep, calling: Callable[[object], Call]
) -> None:
    with pytest.raises(CallFailed) as failed:
        await step(calling({"id": "ada@example.com"}), passed)
    assert "ada@example.com" in str(failed.value)  # the model sent it and may see it
    assert failed.value.failure.recorded == "does not fit its schema at id"


@pytest.mark.parametrize("size", [AT_ONCE_BYTES, AT_ONCE_BYTES + 1, LONGEST_BYTES])
async def test_a_payload_of_any_usual_size_is_checked(
    step: PayloadStep, calling: Callable[[object], Call], size: int
) -> None:
    with pytest.raises(CallFailed, match="id"):
        await step(replace(calling({"id": "x"}), payload=b" " * size), passed)


async def test_a_payload_too_long_to_check_is_sent_and_said_to_be_unchecked(
    step: PayloadStep, calling: Callable[[object], Call]
) -> None:
    outcome = await step(replace(calling({"id": "x"}), payload=b" " * (LONGEST_BYTES + 1)), passed)
    assert outcome.notes == ("from inside", f"The payload was not checked: it has over {LONGEST_BYTES} bytes.")


async def test_without_a_schema_every_payload_passes(calling: Callable[[object], Call]) -> None:
    assert (await PayloadStep(Known(None), Threads(1))(calling([1]), passed)).kind is OutcomeKind.OK


async def test_a_schema_that_cannot_be_had_does_not_stop_the_call_and_is_told(
    calling: Callable[[object], Call], caplog: pytest.LogCaptureFixture
) -> None:
    broken = CallFailed(OutcomeKind.TOOL_ERROR, "SchemaUnusable", "Schema arn:x: not JSON")
    outcome = await PayloadStep(Known(broken), Threads(1))(calling([1]), passed)
    assert outcome.kind is OutcomeKind.OK
    assert outcome.notes == ("from inside", "The payload was not checked: Schema arn:x: not JSON")
    assert "payload of orders not checked" in caplog.text


async def test_a_failure_of_the_call_itself_is_not_taken_for_one_of_the_schema(
    calling: Callable[[object], Call],
) -> None:
    # Otherwise the function would be called a second time.
    sent: list[int] = []

    async def send(call: Call) -> Outcome:
        sent.append(1)
        raise CallFailed(OutcomeKind.THROTTLED, "TooManyRequestsException", "no")

    with pytest.raises(CallFailed, match="no"):
        await PayloadStep(Known(None), Threads(1))(calling([1]), send)
    assert sent == [1]


async def test_a_tool_of_our_own_has_no_payload(step: PayloadStep, call_of: Callable[..., Call]) -> None:
    assert (await step(call_of({"function_name": "orders"}), passed)).kind is OutcomeKind.OK

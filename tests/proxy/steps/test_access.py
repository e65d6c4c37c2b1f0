"""Who may call what, and what is said to whom it is refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdascope_proxy.access.access import Access
from lambdascope_proxy.access.rules import Grant, Rules
from lambdascope_proxy.call import Aim, Call, Caller, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.access import AccessStep

pytestmark = pytest.mark.anyio
STEP = AccessStep(Access(lambda: Rules(principals={"ada": Grant(tools=("*",), functions=("orders",))})))
DONE = Outcome(kind=OutcomeKind.OK)


async def done(call: Call) -> Outcome:
    return DONE


async def never(call: Call) -> Outcome:
    raise AssertionError("it went on")


def call_by(call_of: Callable[..., Call], principal: str | None, aim: Aim, **caller: Any) -> Call:
    return replace(call_of(), aim=aim, caller=Caller(transport="http", principal=principal, **caller))


async def test_what_is_granted_goes_on(call_of: Callable[..., Call]) -> None:
    call = call_by(call_of, "ada", Aim(target="lambda", function_name="orders"))
    assert await STEP(call, done) is DONE


@pytest.mark.parametrize(
    ("principal", "aim", "message"),
    [
        ("ada", Aim(target="lambda", function_name="payroll"), "ada may not use tool {tool} for function payroll."),
        ("ada", Aim(target="cloudwatch"), "ada may not use tool {tool} for all functions at once."),
        ("eve", Aim(target="upstream:github"), "eve may not use tool {tool} of upstream github."),
        ("eve", Aim(), "eve may not use tool {tool}."),
        (None, Aim(), "A caller without a name may not use tool {tool}."),
    ],
)
async def test_what_is_not_is_refused_with_what_would_have_to_be_granted(
    call_of: Callable[..., Call], principal: str | None, aim: Aim, message: str
) -> None:
    call = call_by(call_of, principal, aim, scopes=frozenset({"read"}))
    with pytest.raises(CallFailed) as refused:
        await STEP(call, never)
    failure = refused.value.failure
    assert (refused.value.kind, failure.error_type) == (OutcomeKind.ACCESS_DENIED, "NotAllowed")
    assert failure.message == message.format(tool=call.tool.spec.name)
    assert '[scopes."read"]' in failure.hint
    assert (f'[principals."{principal}"]' in failure.hint) is (principal is not None)


async def test_of_many_scopes_few_are_named(call_of: Callable[..., Call]) -> None:
    """Each would cost the model its words: 1,500 made 64 KB of refusal."""
    scopes = frozenset(f"scope-{number:04}" for number in range(1500))
    with pytest.raises(CallFailed) as refused:
        await STEP(call_by(call_of, "eve", Aim(), scopes=scopes), never)
    hint = refused.value.failure.hint
    assert len(hint) < 500
    assert '[scopes."scope-0004"]' in hint
    assert "1495 further scopes" in hint

"""Which calls are counted together."""

from collections.abc import Callable
from dataclasses import replace

from lambdascope_proxy.call import Call
from lambdascope_proxy.guard_keys import principal_of, session_of, tool_of
from lambdascope_proxy.results import Results
from lambdascope_proxy.tools.function_tool import FunctionTool
from lambdascope_proxy.tools.read_result import ReadResult


def test_callers_without_a_name_are_one(call_of: Callable[..., Call]) -> None:
    call = call_of()
    nameless = replace(call, caller=replace(call.caller, principal=None, session_id=None))
    assert (principal_of(call), principal_of(nameless)) == ("ada", "")


def test_a_session_is_a_principals(call_of: Callable[..., Call]) -> None:
    # Else one could use up the limit of another's session by naming its id.
    call = call_of()
    other = replace(call, caller=replace(call.caller, principal="bob"))
    assert session_of(call) != session_of(other)


def test_a_function_is_one_whichever_tool_calls_it(
    call_of: Callable[..., Call], function_of: Callable[..., object]
) -> None:
    async def invoke(call: Call) -> object:
        raise AssertionError

    own = FunctionTool("orders_tool", function_of("orders"), None, invoke)  # type: ignore[arg-type]
    assert tool_of(call_of({}, tool=own)) == tool_of(call_of({"function_name": "orders"})) == "function orders"
    assert tool_of(call_of({"call_id": "x"}, tool=ReadResult(Results(0), 1024))) == "tool read_result"


def test_what_callers_word_does_not_make_keys_long(call_of: Callable[..., Call]) -> None:
    call = call_of({"function_name": "x" * 9000})
    wordy = replace(call, caller=replace(call.caller, principal="p" * 9000, session_id="s" * 9000))
    assert max(len(key_of(wordy)) for key_of in (principal_of, session_of, tool_of)) < 600

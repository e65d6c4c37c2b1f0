"""The state of a call that waits for approval: of this call, of this process, for a while, and once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.approvals.request_states import LIFETIME_S, InvalidStateError, RequestStates
from lambdascope_proxy.call import Aim, Call

CallOf = Callable[..., Call]
KEY = b"k" * 32


def clock(*times: float) -> Callable[[], float]:
    """Gives these times in turn, and the last one for ever."""
    given_times = list(times)
    return lambda: given_times.pop(0) if len(given_times) > 1 else given_times[0]


@pytest.fixture
def states() -> RequestStates:
    return RequestStates(clock(1000.0), key=KEY)


def test_a_state_gives_back_what_it_was_given(states: RequestStates, call_of: CallOf) -> None:
    call = call_of()
    asked = states.open(call, states.seal(call))
    assert (asked.is_approved, asked.inner, asked.asked_at) == (False, None, 1000.0)
    approved = states.open(call, states.seal(call, is_approved=True, inner="theirs"))
    assert (approved.is_approved, approved.inner) == (True, "theirs")


@pytest.mark.parametrize(
    "change",
    [
        lambda call: replace(call, arguments={**call.arguments, "payload": {"amount": 1000}}),
        lambda call: replace(call, arguments={}),
        lambda call: replace(call, caller=replace(call.caller, principal="mallory")),
        lambda call: replace(call, caller=replace(call.caller, session_id="other")),
        lambda call: replace(call, aim=Aim(target="upstream:files")),
    ],
)
def test_a_state_is_of_no_other_call(states: RequestStates, call_of: CallOf, change: Callable[[Call], Call]) -> None:
    state = states.seal(call_of(), is_approved=True)
    with pytest.raises(InvalidStateError, match="another call"):
        states.open(change(call_of()), state)
    states.open(call_of(), state)  # which trying did not use up


def test_the_order_of_arguments_does_not_matter(states: RequestStates, call_of: CallOf) -> None:
    one, other = {"function_name": "a", "payload": 1}, {"payload": 1, "function_name": "a"}
    states.open(call_of(one), states.seal(call_of(other)))


def test_a_state_works_once(states: RequestStates, call_of: CallOf) -> None:
    state = states.seal(call_of())
    states.open(call_of(), state)
    with pytest.raises(InvalidStateError, match="used before"):
        states.open(call_of(), state)


@pytest.mark.parametrize(("later", "is_open"), [(LIFETIME_S - 0.001, True), (LIFETIME_S, False)])
def test_a_state_expires(call_of: CallOf, later: float, is_open: bool) -> None:
    states = RequestStates(clock(1000.0, 1000.0 + later), key=KEY)
    state = states.seal(call_of())
    if is_open:
        states.open(call_of(), state)
    else:
        with pytest.raises(InvalidStateError, match="expired"):
            states.open(call_of(), state)


def test_used_states_are_forgotten_once_they_would_have_expired(call_of: CallOf) -> None:
    # Otherwise each approval would take memory for ever.
    now = [0.0]
    states = RequestStates(lambda: now[0], key=KEY)
    for _ in range(5):
        states.open(call_of(), states.seal(call_of()))
        now[0] += LIFETIME_S + 1
    assert len(states._used) == 1


def test_another_process_does_not_take_it(states: RequestStates, call_of: CallOf) -> None:
    with pytest.raises(InvalidStateError, match="none of ours"):
        RequestStates(clock(1000.0)).open(call_of(), states.seal(call_of()))


@given(st.text() | st.binary().map(lambda raw: raw.hex()) | st.integers() | st.lists(st.text()))
def test_nothing_a_client_makes_up_is_taken_or_breaks(made_up: object) -> None:
    states: Any = RequestStates(clock(1000.0), key=KEY)
    with pytest.raises(InvalidStateError):
        states.open(None, made_up)


@given(st.data())
def test_a_state_that_was_changed_anywhere_is_refused(call_of: CallOf, data: st.DataObject) -> None:
    states = RequestStates(clock(1000.0), key=KEY)
    state = states.seal(call_of(), is_approved=True)
    at = data.draw(st.integers(0, len(state) - 1))
    other = data.draw(st.sampled_from("ABab01-_=").filter(lambda letter: letter != state[at]))
    with pytest.raises(InvalidStateError):
        states.open(call_of(), state[:at] + other + state[at + 1 :])

"""What a person is asked, and what counts as a yes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.approvals.question import Reply, can_show_forms, message_of, question_of, reply_of
from lambdascope_proxy.call import Call

CallOf = Callable[..., Call]


def test_the_question_says_what_is_called_on_what_and_how_much_is_sent(call_of: CallOf) -> None:
    call = call_of({"function_name": "orders", "payload": {"id": 5}})
    assert question_of(call, lambda whole: whole.decode()) == {
        "message": (
            'lambdascope: approve this call of "invoke_function" (lambda, function "orders") with 49 bytes of '
            'arguments?\n{"function_name": "orders", "payload": {"id": 5}}'
        ),
        "requestedSchema": {
            "type": "object",
            "properties": {"approve": {"type": "boolean", "title": "Approve this call", "default": False}},
            "required": ["approve"],
        },
    }


def test_arguments_cannot_turn_the_text_around_or_add_lines_to_it(call_of: CallOf) -> None:
    # A right-to-left override or a line of its own could make the person approve something else.
    arguments = {"function_name": "orders\nApproved before.", "payload": "\u202egnihtyreve\ud800\r\n"}
    message = message_of(call_of(arguments), lambda whole: whole.decode())
    assert message.count("\n") == 1
    assert message.isascii()


@pytest.mark.parametrize(
    ("result", "reply"),
    [
        ({"action": "accept", "content": {"approve": True}}, Reply.APPROVED),
        ({"action": "accept", "content": {"approve": False}}, Reply.DECLINED),
        ({"action": "accept", "content": {"approve": "true"}}, Reply.DECLINED),
        ({"action": "accept", "content": {"approve": 1}}, Reply.DECLINED),
        ({"action": "accept"}, Reply.DECLINED),
        ({"action": "accept", "content": None}, Reply.DECLINED),
        ({"action": "decline"}, Reply.DECLINED),
        ({"action": "cancel"}, Reply.CANCELLED),
        ({"action": "approve", "content": {"approve": True}}, Reply.INVALID),
        ({}, Reply.INVALID),
    ],
)
def test_only_a_ticked_box_that_was_sent_is_a_yes(result: dict[str, Any], reply: Reply) -> None:
    assert reply_of(result) is reply


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["action", "content", "approve"]), json_values | st.sampled_from(["accept"])))
def test_no_answer_of_a_client_breaks_or_passes_by_accident(result: dict[str, Any]) -> None:
    content = result.get("content")
    is_yes = result.get("action") == "accept" and isinstance(content, dict) and content.get("approve") is True
    assert (reply_of(result) is Reply.APPROVED) == is_yes


@pytest.mark.parametrize(
    ("capabilities", "can"),
    [
        ({}, False),
        ({"sampling": {}}, False),
        ({"elicitation": {}}, True),
        ({"elicitation": {"form": {}}}, True),
        ({"elicitation": {"form": {}, "url": {}}}, True),
        ({"elicitation": {"url": {}}}, False),
        ({"elicitation": None}, False),
        ({"elicitation": True}, False),
    ],
)
def test_a_client_can_ask_if_it_shows_forms(capabilities: dict[str, Any], can: bool) -> None:
    assert can_show_forms(capabilities) is can

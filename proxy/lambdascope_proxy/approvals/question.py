"""What a person is asked before a call, and what their answer means. Pure."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from lambdascope_proxy.call import Call

APPROVE: Final = "approve"
VIEW_BYTES: Final = 600


class Reply(StrEnum):
    """What came of asking."""

    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNANSWERED = "unanswered"
    UNABLE = "unable"
    INVALID = "invalid"
    ASKED = "asked"


def question_of(call: Call, masked: Callable[[bytes], str]) -> dict[str, Any]:
    """Parameters of `elicitation/create`: a form with one box to tick. `masked` makes the view of the arguments."""
    return {
        "message": message_of(call, masked),
        "requestedSchema": {
            "type": "object",
            "properties": {APPROVE: {"type": "boolean", "title": "Approve this call", "default": False}},
            "required": [APPROVE],
        },
    }


def message_of(call: Call, masked: Callable[[bytes], str]) -> str:
    """Which tool is about to be called, on what, with what."""
    # Escaped: nothing in the arguments can turn the text around or hide a part of it.
    whole = json.dumps(call.arguments, separators=(", ", ": ")).encode()
    function = f", function {json.dumps(call.aim.function_name)}" if call.aim.function_name else ""
    where = f"{json.dumps(call.tool.spec.name)} ({call.aim.target}{function})"
    return f"lambdascope: approve this call of {where} with {len(whole)} bytes of arguments?\n{masked(whole)}"


def reply_of(result: Mapping[str, Any]) -> Reply:
    """What the result of `elicitation/create` says; yes only if the box was ticked and the form sent."""
    content = result.get("content")
    match result.get("action"):
        case "accept":
            is_ticked = isinstance(content, Mapping) and content.get(APPROVE) is True  # pyright: ignore[reportUnknownMemberType] -- JSON of a client
            return Reply.APPROVED if is_ticked else Reply.DECLINED
        case "decline":
            return Reply.DECLINED
        case "cancel":
            return Reply.CANCELLED
        case _:
            return Reply.INVALID


def can_show_forms(capabilities: Mapping[str, Any]) -> bool:
    """Whether the client can ask somebody to fill a form: `elicitation` without saying how means forms."""
    elicitation = capabilities.get("elicitation")
    return isinstance(elicitation, Mapping) and (not elicitation or "form" in elicitation)

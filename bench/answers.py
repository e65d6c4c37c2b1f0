"""The riddle every call carries: a number asked, and the text only a real invocation answers it with."""

from typing import Any


def payload_for(number: int) -> dict[str, Any]:
    """Return the payload that asks for the answer to a number."""
    return {"number": number}


def answer_to(number: int) -> str:
    """Return the answer, which appears nowhere in the question: an echo of the request cannot pass for it."""
    return f"a{number:08d}z"

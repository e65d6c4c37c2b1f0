"""How many items an answer lists."""

from typing import Final

from lambdascope_analytics.errors import QuestionError

MOST: Final = 100


def read_top(top: int) -> int:
    """Return `top` if so many items can be listed.

    Raises:
        QuestionError: they cannot.
    """
    if not 1 <= top <= MOST:
        raise QuestionError("top", f"is {top}: use 1 to {MOST}")
    return top

"""Has an analysis made for a tool, and makes its answer what a model gets."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.errors import HistoryError, QuestionError
from lambdascope_proxy.analysing.fitting import fitted
from lambdascope_proxy.call import Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed

# With the structured part about 1,500 tokens.
MOST_TEXT_BYTES: Final = 1_500
_READ: Final = "`lambdascope doctor` tells whether the history can be read."


async def ask(
    questions: Questions,
    name: str,
    parameters: Mapping[str, object],
    *,
    lists: tuple[str, ...],
    text_of: Callable[[Mapping[str, Any]], str],
    drawn: tuple[str, ...] = (),
) -> Outcome:
    """The answer of an analysis, cut to what a model should read: `lists` names its lists, least needed first.

    Without the parts named in `drawn`, which are for pictures.

    Raises: CallFailed (invalid_arguments, tool_error).
    """
    try:
        answer = await questions.analyse(name, parameters)
    except QuestionError as error:
        raise CallFailed(OutcomeKind.INVALID_ARGUMENTS, "InvalidQuestion", f"{error}.") from error
    except HistoryError as error:
        raise CallFailed(OutcomeKind.TOOL_ERROR, "HistoryUnreadable", str(error), _READ) from error
    data = fitted({name: value for name, value in answer.items() if name not in drawn}, lists)
    return Outcome(kind=OutcomeKind.OK, text=_cut(text_of(data)), data=data)


def _cut(text: str) -> str:
    if len(text.encode()) <= MOST_TEXT_BYTES:
        return text
    kept = text.encode()[: MOST_TEXT_BYTES - 60].decode(errors="ignore").rpartition("\n")[0]
    return f"{kept}\n(The rest is in the structured part of this answer.)"

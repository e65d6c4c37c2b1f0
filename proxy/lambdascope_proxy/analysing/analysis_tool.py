"""A tool that has one analysis of the history made: its arguments are the analysis's, but for the time range."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from lambdascope_analytics.asking.questions import Questions
from lambdascope_proxy.analysing.asked_time import DEFAULT_S, history_window
from lambdascope_proxy.analysing.asking import ask
from lambdascope_proxy.call import Aim, Call, Outcome
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.tool import ToolSpec

TIME_RANGE: Final = "time_range"
COUNTS: Final = ("top", "months_ahead")


class AnalysisTool:
    """Asks the process that reads the history. A tool says what it is (`spec`), which `analysis` it has made, which
    `lists` of the answer may be cut, the first named first, which parts are only `drawn`, and how the answer reads
    (`text_of`).
    """

    spec: ClassVar[ToolSpec]
    analysis: ClassVar[str]
    lists: ClassVar[tuple[str, ...]] = ()
    drawn: ClassVar[tuple[str, ...]] = ()
    text_of: ClassVar[Callable[[Mapping[str, Any]], str]]
    default_s: ClassVar[float] = DEFAULT_S

    def __init__(self, questions: Questions, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._questions = questions
        self._now = now

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """At ourselves."""
        return Aim(target="self")

    async def run(self, call: Call) -> Outcome:
        """The answer. Raises CallFailed for a question that makes no sense and a history that cannot be read."""
        return await self.ask(self.parameters_of(call.arguments))

    def parameters_of(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What the analysis is asked with. Raises CallFailed for a time range that makes no sense."""
        # JSON Schema counts 2.0 among the integers.
        asked = {
            name: int(value) if name in COUNTS else value for name, value in arguments.items() if name != TIME_RANGE
        }
        if TIME_RANGE in self.spec.input_schema["properties"]:
            window = self.window(arguments.get(TIME_RANGE))
            asked |= {"start": window.start, "end": window.end}
        return asked

    def window(self, time_range: Mapping[str, Any] | None) -> Window:
        """The span of time meant. Raises CallFailed where it makes no sense."""
        return history_window(time_range, self._now(), default_s=self.default_s)

    async def ask(self, parameters: Mapping[str, Any]) -> Outcome:
        """The answer of the analysis. Raises CallFailed."""
        return await ask(
            self._questions,
            self.analysis,
            parameters,
            lists=self.lists,
            text_of=type(self).text_of,
            drawn=self.drawn,
        )

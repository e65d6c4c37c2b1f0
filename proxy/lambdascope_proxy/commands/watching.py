"""Asks a tool again and again and shows the newest answer: in place on a terminal, one after another elsewhere."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from lambdascope_proxy.commands.answering import View, page_of, print_document, show_answer, tell, words_of

if TYPE_CHECKING:
    from lambdascope_proxy.answer import Answer
    from lambdascope_proxy.commands.calling import Ask
    from lambdascope_proxy.views.page import Surface

# Written over what was there, line by line: a screen that is cleared first flickers.
CLEAR: Final = "\x1b[2J"
HOME: Final = "\x1b[H"
TO_LINE_END: Final = "\x1b[K"
TO_SCREEN_END: Final = "\x1b[J"


class Watch:
    """Shows each answer as it comes. `sleep` and `now` are given: nothing here knows a clock."""

    def __init__(
        self,
        view: View,
        *,
        as_json: bool,
        every_s: float,
        sleep: Callable[[float], Awaitable[object]],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._view = view
        self._as_json = as_json
        self._every_s = every_s
        self._sleep = sleep
        self._now = now
        self._body = ""
        self._came_at = ""
        self._told: list[str] = []

    async def run(self, ask: "Ask", arguments: Mapping[str, Any]) -> int:
        """Goes on for ever, except where the first answer is an error: returns 1, for there is nothing to watch."""
        answer = await ask(arguments)
        if answer.is_error:
            return show_answer(answer, self._view, as_json=self._as_json, indent=None)
        while True:
            self._show(answer)
            sys.stdout.flush()
            await self._sleep(self._every_s)
            answer = await ask(arguments)

    def _show(self, answer: "Answer") -> None:
        from lambdascope_proxy.views.page import surface_of

        surface = surface_of(sys.stdout)
        if surface.is_terminal and not self._as_json:
            self._redraw(answer, surface)
            return
        if self._as_json:
            # An error is a document, too: a program then sees that nothing newer came.
            print_document(answer.structured)
        elif not answer.is_error:
            sys.stdout.write(page_of(answer, self._view).text() + "\n")
        words = words_of(answer)
        # What holds for all answers is said once.
        tell([line for line in words if answer.is_error or line not in self._told])
        self._told = words

    def _redraw(self, answer: "Answer", surface: "Surface") -> None:
        """The answer, or of a failure the one before, between when it came and what to know besides."""
        clear = "" if self._body else CLEAR
        words, now = words_of(answer), f"{self._now():%Y-%m-%d %H:%M:%S} UTC"
        if answer.is_error:
            words = [f"No newer answer at {now}:", *words]
        else:
            self._body, self._came_at = page_of(answer, self._view).text(), now
        top = f"Asked at {self._came_at}, again every {self._every_s:g} s; Ctrl-C ends"
        lines = screen_of(surface, top, self._body, words)
        drawn = "".join(f"{line}{TO_LINE_END}\n" for line in lines)
        sys.stdout.write(f"{clear}{HOME}{drawn}{TO_SCREEN_END}")


def screen_of(surface: "Surface", top: str, body: str, bottom: list[str]) -> list[str]:
    """The lines of a screen: of a body that is too long its end is left out, and how much that is is said."""
    first, last = _lines(surface, [top]), _lines(surface, bottom)
    middle = body.splitlines()
    # The cursor needs a line, too.
    room = max(2, surface.height - len(first) - len(last) - 1)
    if len(middle) > room:
        hidden = len(middle) - room + 1
        middle = [*middle[: room - 1], f"({hidden} more lines: make the window taller)"]
    return [*first, *middle, *last]


def _lines(surface: "Surface", texts: list[str]) -> list[str]:
    from lambdascope_proxy.views.page import Page

    page = Page(surface)
    for text in texts:
        page.line(text)
    return page.text().splitlines()

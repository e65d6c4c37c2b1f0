"""What a question about logs asks Logs Insights: a preset or a query, over which groups, for how many rows. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.insights import LONGEST_TEXT, MOST_GROUPS, MOST_ROWS
from lambdascope_proxy.cloudwatch.log_scope import group_of, is_shareable, scope_of
from lambdascope_proxy.cloudwatch.presets import PRESETS, Preset
from lambdascope_proxy.cloudwatch.query_commands import check_commands, commands_of
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function, Place

QUERY_ROWS: Final = 100

_LIMIT: Final = re.compile(r"\s*limit\s+(\d{1,9})\b", re.IGNORECASE)
_AGGREGATE: Final = re.compile(r"\s*stats\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuestion:
    """A question that can be asked: of functions in one place, `limit` rows of `text`.

    `limit_is_ours` when nobody said how many rows: then the answer must.
    """

    functions: tuple[Function, ...]
    place: Place
    groups: tuple[str, ...]
    window: Window
    text: str
    preset: Preset | None
    limit: int
    limit_is_ours: bool

    @property
    def title(self) -> str:
        """What is asked, in a line."""
        names = ", ".join(function.name for function in self.functions)
        what = f"{self.preset.name} ({self.preset.answers})" if self.preset else "query"
        return f"{what} over the logs of {names}, {iso(self.window.start)} to {iso(self.window.end)}"

    @property
    def is_on_shared_group(self) -> bool:
        """Whether one of the groups is not that of a single function by its name."""
        return _is_on_shared_group(self.functions)

    @property
    def is_of_raw_events(self) -> bool:
        """Whether each row is one log event, rather than an aggregate."""
        return self.preset is None and not any(map(_AGGREGATE.match, commands_of(self.text)))


def log_question(functions: Sequence[Function], window: Window, arguments: Mapping[str, Any]) -> LogQuestion:
    """The question that `arguments` ask of these functions.

    Raises: CallFailed: invalid_arguments for query and preset both or neither, functions of several places, or more
    than Insights takes; refused for a query that reaches beyond the logs of these functions.
    """
    preset, query = _asked(arguments)
    groups = tuple(dict.fromkeys(group_of(function) for function in functions))
    if len(groups) > MOST_GROUPS:
        raise _refused(
            "TooManyLogGroups",
            f"These functions log to {len(groups)} groups; one query reads at most {MOST_GROUPS}.",
            "Ask about fewer functions at a time.",
        )
    given = arguments.get("limit")
    stated = int(given) if given is not None else (None if preset else stated_limit(query))
    limit = min(stated if stated is not None else (preset.rows if preset else QUERY_ROWS), MOST_ROWS)
    return LogQuestion(
        functions=tuple(functions),
        place=_one_place(functions),
        groups=groups,
        window=window,
        text=_text_of(preset, query, functions, window),
        preset=preset,
        limit=limit,
        limit_is_ours=stated is None,
    )


def stated_limit(query: str) -> int | None:
    """The rows a query itself asks for with its last `limit` command."""
    found = [limit for command in commands_of(query) if (limit := _LIMIT.match(command))]
    return max(1, int(found[-1][1])) if found else None


def iso(moment: Any) -> str:
    """A time in UTC, to the second."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _asked(arguments: Mapping[str, Any]) -> tuple[Preset | None, str]:
    preset, query = arguments.get("preset"), arguments.get("query")
    if (preset is None) == (query is None):
        both = "query and preset are both given" if query is not None else "neither query nor preset is given"
        hint = f"Presets: {', '.join(PRESETS)}. A query is in the Logs Insights language."
        raise _refused("QueryOrPreset", f"Give one of query and preset: {both}.", hint)
    if query is not None and not query.strip():
        raise _refused(
            "EmptyQuery", "The query is empty.", f"Give a query, or one of the presets {', '.join(PRESETS)}."
        )
    if query is not None and len(query) > LONGEST_TEXT:
        raise _refused(
            "QueryTooLong",
            f"The query has {len(query)} characters; Insights takes {LONGEST_TEXT}.",
            "Send a shorter one.",
        )
    if preset:
        return PRESETS[preset], ""
    query = str(query).replace("\r\n", "\n")
    check_commands(query)
    return None, query


def _text_of(preset: Preset | None, query: str, functions: Sequence[Function], window: Window) -> str:
    """What is asked: in a group that others may write to, and by a preset in any, only of these functions' streams."""
    is_shared, scope = _is_on_shared_group(functions), scope_of(functions)
    if preset:
        text = preset.query(scope, is_shared=is_shared, window_s=window.seconds)
    else:
        text = f"filter {scope}\n| {query}" if is_shared else query
    if len(text) > LONGEST_TEXT:
        raise _refused(
            "QueryTooLong",
            f"The names of {len(functions)} functions make too long a query.",
            "Ask about fewer at a time.",
        )
    return text


def _is_on_shared_group(functions: Sequence[Function]) -> bool:
    return any(map(is_shareable, functions))


def _one_place(functions: Sequence[Function]) -> Place:
    places = {function.place: function for function in functions}
    if len(places) > 1:
        named = ", ".join(f"{each.name} in {each.account_id} {each.region}" for each in places.values())
        raise _refused(
            "SeveralPlaces",
            f"These functions are in different regions or accounts ({named}).",
            "One query reads the logs of one region of one account: ask about each on its own.",
        )
    return next(iter(places))


def _refused(error_type: str, message: str, hint: str) -> CallFailed:
    return CallFailed(OutcomeKind.INVALID_ARGUMENTS, error_type, message, hint)

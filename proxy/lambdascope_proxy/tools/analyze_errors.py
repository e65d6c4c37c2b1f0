"""The tool that tells what failed, from the history."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import GROUPS, OF_TIME
from lambdascope_proxy.analysing.analysis_tool import AnalysisTool
from lambdascope_proxy.analysing.asking import MOST_TEXT_BYTES
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA
from lambdascope_proxy.tool import ToolSpec

SHOWN: Final = 5
SHOWN_FAULTS: Final = 2
LONGEST_MESSAGE: Final = 100
# The one named first loses its tail first.
LISTS: Final = ("gone", "caller_errors", "groups", "errors")

SPEC: Final = ToolSpec(
    name="analyze_errors",
    title="Analyze errors",
    description=(
        "What failed in recorded calls: kinds of error with count, trend, cost and example ids, and the error rate "
        "beside the period before."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "time_range": TIME_RANGE_SCHEMA,
            "group_by": {"enum": list(GROUPS)},
            "function_name": {"type": "string"},
            "top": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
        },
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "summary": {"type": "string"},
            "error_rate": {"type": ["number", "null"]},
            "errors": {"type": "array"},
        },
    },
    read_only=True,
    idempotent=True,
    open_world=False,
)


def errors_text(data: Mapping[str, Any]) -> str:
    """The answer in words: the summary, the most frequent kinds, groups, what to know besides and what to do next.

    Of kinds and groups as many are told as there is room for, besides all the rest.
    """
    following = [f"Next: {data['next_step']}"] if data["next_step"] else []
    texts = (
        "\n".join([data["summary"], *_kinds(data, shown), *_groups(data, shown), *data["notes"], *following])
        for shown in range(SHOWN, 0, -1)
    )
    text = next(texts)
    while len(text.encode()) > MOST_TEXT_BYTES and (shorter := next(texts, "")):
        text = shorter
    return text


def _kinds(data: Mapping[str, Any], shown: int) -> Iterator[str]:
    for kind in data["errors"][:shown]:
        yield _kind(kind)
    yield from _rest(data, "errors", shown, "more kinds")
    faults = min(shown, SHOWN_FAULTS)
    for kind in data["caller_errors"][:faults]:
        yield f"caller's fault: {_kind(kind)}"
    yield from _rest(data, "caller_errors", faults, "more kinds of caller's fault")
    if data["gone"]:
        yield "No more: " + ", ".join(kind["error_type"] or kind["outcome"] for kind in data["gone"][:shown])


def _groups(data: Mapping[str, Any], shown: int) -> Iterator[str]:
    is_time = data["group_by"] in OF_TIME
    for group in data["groups"][-shown:] if is_time else data["groups"][:shown]:
        rate = "" if group["error_rate"] is None else f", {group['error_rate']:.3g} of those that got through"
        calls = f"{group['calls']:,} call{'' if group['calls'] == 1 else 's'}"
        yield f"{group['group']}: {group['failures']:,} of {calls} failed{rate}"
    yield from _rest(data, "groups", shown, f"{'earlier' if is_time else 'more'} groups")


def _rest(data: Mapping[str, Any], name: str, shown: int, what: str) -> Iterator[str]:
    left_out = data["not_listed"].get(name, 0)
    if more := max(0, len(data[name]) - shown) + left_out:
        listed = f", {more - left_out:,} of them in the structured part" if more > left_out else ""
        yield f"({more:,} {what} not told here{listed}.)"


def _kind(kind: Mapping[str, Any]) -> str:
    where = ", ".join(kind["functions"]["names"]) or "no function"
    trend = f", {kind['trend']}" if kind["trend"] else ""
    message = f": {kind['message'][:LONGEST_MESSAGE]}" if kind["message"] else ""
    example = f" [{kind['examples'][0]}]" if kind["examples"] else ""
    name = kind["error_type"] or kind["outcome"]
    return f"{kind['calls']}x {name} in {where}{trend}{message}{example}"


class AnalyzeErrors(AnalysisTool):
    """Answers from the history what failed."""

    spec = SPEC
    analysis = "errors"
    lists = LISTS
    text_of = staticmethod(errors_text)

"""Shows the answer of inspect_execution: what is known of one execution, where its time went, and its log."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lambdascope_proxy.monitoring.execution_text import dollars
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import bar, figure, moment, share
from lambdascope_proxy.views.page import Page, told

Data = Mapping[str, Any]

BAR: Final = 30
SESSION: Final = ("place", "started_at", "tool_name", "function_name", "outcome", "total_ms", "call_id")
ATTEMPTS: Final = (
    "began_at",
    "outcome",
    "error_type",
    "duration_ms",
    "billed_ms",
    "init_ms",
    "max_memory_mb",
    "cost_usd",
)
# Facts that are told in words at the top; all others follow as they are.
IN_WORDS: Final = frozenset({
    "outcome", "error_type", "error_message", "started_at", "began_at", "function_name", "executed_version", "region",
    "duration_ms", "billed_ms", "init_ms", "restore_ms", "memory_mb", "max_memory_mb", "cost_usd", "cost_source",
    "call_id", "request_id",
})  # fmt: skip

# How many requests were sent until one was taken is not how often the function ran.
ALSO: Final = {"attempts": "invoke requests"}


def show_execution(data: Data, page: Page) -> None:
    """Writes what happened, a bar for each clock, attempts, log lines, session, the other facts, and links."""
    facts = data["execution"]
    page.heading(f"{facts.get('function_name') or facts.get('tool_name') or 'An execution'}, from the {data['source']}")
    page.table(["", ""], [(name, text) for name, text in _in_words(facts) if text])
    _show_clocks(data["clocks"], page)
    _show_attempts(data["attempts"], page)
    _show_log(data["log_lines"], data["log_lines_left_out"], page)
    _show_session(data["session"], page)
    page.heading("Also known")
    page.table(["", ""], [(ALSO.get(name, name), str(value)) for name, value in facts.items() if name not in IN_WORDS])
    if data["links"]:
        page.heading("Links")
        for name, url in data["links"].items():
            page.link(f"{name.replace('_', ' ')}: {url}")
    page.heading(f"Next: {as_commands(data['next_step'])}{_at_once(facts)}")


def _at_once(facts: Data) -> str:
    """What only a person at a shell can do about an asynchronous call whose end is not known yet."""
    is_pending = facts.get("outcome") == "accepted" and "duration_ms" not in facts
    return " `lambdascope history reconcile` does so now." if is_pending else ""


def _in_words(facts: Data) -> Iterator[tuple[str, str]]:
    began = facts.get("started_at") or facts.get("began_at")
    ran = [
        facts.get("function_name"),
        _after("version ", facts.get("executed_version")),
        _after("in ", facts.get("region")),
    ]
    end = [facts.get("outcome"), facts.get("error_type"), facts.get("error_message")]
    yield "outcome", ": ".join(text for text in end if text) or "no line says how it ended"
    yield "began", f"{moment(began)} UTC" if began else ""
    yield "function", ", ".join(text for text in ran if text)
    yield "handler", _handler(facts)
    yield "memory", _memory(facts)
    yield "cost", f"{dollars(facts['cost_usd'])}, {facts.get('cost_source')}" if "cost_usd" in facts else ""
    yield "call", facts.get("call_id", "")
    yield "request", facts.get("request_id", "")


def _after(word: str, text: str | None) -> str:
    return f"{word}{text}" if text else ""


def _handler(facts: Data) -> str:
    named = (("", "duration_ms"), ("billed ", "billed_ms"), ("cold start ", "init_ms"), ("restored in ", "restore_ms"))
    return ", ".join(f"{name}{figure(facts[key])} ms" for name, key in named if key in facts)


def _memory(facts: Data) -> str:
    configured = f"{figure(facts['memory_mb'])} MB" if "memory_mb" in facts else ""
    if "max_memory_mb" not in facts:
        return f"{configured} configured" if configured else ""
    return f"{figure(facts['max_memory_mb'])} of {configured or 'unknown'}"


def _show_clocks(clocks: list[Data], page: Page) -> None:
    if clocks:
        page.heading(f"Where the time went: {figure(round(sum(each['ms'] for each in clocks), 2))} ms")
        rows = [
            (each["name"], float(each["ms"]), share(each["share"]), bar(each["share"], BAR, page)) for each in clocks
        ]
        page.table(["", "ms", "share", ""], rows, right=["share"])


def _show_attempts(attempts: list[Data], page: Page) -> None:
    # One attempt is the execution itself, told above.
    if len(attempts) > 1:
        page.heading("Attempts (times in UTC)")
        names = [name for name in ATTEMPTS if any(name in each for each in attempts)]
        page.rows(_headed(names), [[_cell(name, each.get(name)) for name in names] for each in attempts])


def _show_session(session: list[Data], page: Page) -> None:
    if session:
        page.heading("The calls around it in its session (times in UTC)")
        page.rows(_headed(SESSION), [[_cell(name, row.get(name)) for name in SESSION] for row in session])


def _show_log(lines: list[str], left_out: int, page: Page) -> None:
    if lines:
        page.heading(f"Log (times in UTC{f'; {left_out:,} older lines left out' if left_out else ''})")
        # Each begins with its time of day.
        page.table(["", ""], [line.split(" ", 1) for line in lines])


def _headed(names: tuple[str, ...] | list[str]) -> list[str]:
    heads = {
        "place": "",
        "began_at": "began",
        "started_at": "began",
        "cost_usd": "cost",
        "max_memory_mb": "memory used MB",
    }
    return [heads.get(name, name.replace("_", " ")) for name in names]


def _cell(name: str, value: Any) -> object:
    if value is None:
        return None
    if name == "place":
        return f"{value:+d}"
    if name.endswith("_at"):
        return moment(value)
    return dollars(value) if name == "cost_usd" else told(value) if name.endswith("_name") else value

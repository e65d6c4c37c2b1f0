"""Shows the forecast of cost: the month's figures, its course so far and to come, and how sure that is."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lambdascope_proxy.pictures.picture import Lines, Picture
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import UNKNOWN, counted, share, span
from lambdascope_proxy.views.money import amounts, dollars
from lambdascope_proxy.views.page import Page

Data = Mapping[str, Any]

INTERVALS: Final = {"interval_80": "80% interval", "interval_95": "95% interval"}


def show_forecast(answer: Data, page: Page) -> None:
    """Writes the summary, the figures, the month day by day, and what to do next."""
    page.heading(f"Cost of {_subject(answer)}")
    page.line(answer["summary"])
    page.table(["", ""], [*_figures(answer), ("method", answer["method"])])
    course = answer["course"]
    if any(value is not None for value in course["expected_usd"]):
        page.chart(_course(answer))
    if answer["next_step"]:
        page.heading(f"Next: {as_commands(answer['next_step'])}")


def _subject(answer: Data) -> str:
    return f"{answer['function_name'] or 'all functions'} in {answer['month']}"


def _figures(answer: Data) -> Iterator[tuple[str, str]]:
    if not _is_to_come(answer):
        yield "spent so far", amounts(answer["spent_usd"], answer["other_currencies"])
    if answer["forecast_usd"] is not None:
        yield "forecast", dollars(answer["forecast_usd"])
        for name, title in INTERVALS.items():
            bounds = answer[name]
            yield title, f"{dollars(bounds['low_usd'])} to {dollars(bounds['high_usd'])}" if bounds else UNKNOWN
        since = f" since {answer['changed_on']}" if answer["changed_on"] else ""
        days = f"{counted(answer['base_days'], 'day')}{since}"
        yield "mean of a day", f"{dollars(answer['mean_day_usd'])} over {days}"
    if budget := answer["budget"]:
        yield "budget", f"{dollars(budget['budget_usd'])}, {dollars(budget['left_usd'])} left"
        if budget["chance_exceeded"] is not None:
            yield "chance to exceed it", share(budget["chance_exceeded"])
        if budget["exceeded_on"]:
            yield "expected to exceed it", budget["exceeded_on"]
    if tested := answer["backtest"]:
        off = share(tested["mean_error_share"])
        yield "off on past days", f"{off} on average, {counted(tested['days'], 'day')} each forecast the day before"


def _is_to_come(answer: Data) -> bool:
    return answer["month"] > answer["period"]["end"][: len(answer["month"])]


def forecast_rows(answer: Data) -> list[Mapping[str, object]]:
    """The days of the month as rows of a table, each with the sums up to its end."""
    course = answer["course"]
    return [
        {
            "day": f"{day:%Y-%m-%d}",
            "spent_usd": spent,
            "expected_usd": expected,
            "low_usd": low,
            "high_usd": high,
        }
        for day, spent, expected, low, high in zip(
            _days(answer),
            course["spent_usd"],
            course["expected_usd"],
            course["low_usd"],
            course["high_usd"],
            strict=True,
        )
    ]


def forecast_picture(answer: Data) -> Picture:
    """The month's sum by day: spent, then expected between its bounds, with the budget where there is one."""
    period = span(answer["period"]["start"], answer["period"]["end"])
    return Picture(
        title=f"Cost of {_subject(answer)}",
        subtitle=f"from {period}, {counted(answer['calls'], 'call')}",
        charts=(_course(answer),) if answer["calls"] else (),
        columns=("", ""),
        rows=tuple(_figures(answer)),
        words=(f"Method: {answer['method']}",),
    )


def _course(answer: Data) -> Lines:
    course, days = answer["course"], tuple(_days(answer))
    lines = {"spent": tuple(course["spent_usd"]), "expected": tuple(course["expected_usd"])}
    if budget := answer["budget"]:
        lines["budget"] = (float(budget["budget_usd"]),) * len(days)
    changed = answer["changed_on"] and datetime.fromisoformat(answer["changed_on"]).replace(tzinfo=UTC)
    has_interval = any(value is not None for value in course["low_usd"])
    return Lines(
        title="Sum of the month, with the 80% interval" if has_interval else "Sum of the month",
        unit="USD",
        times=days,
        lines=lines,
        marks={changed: "level changed"} if changed in days else {},
        low=tuple(course["low_usd"]) if has_interval else (),
        high=tuple(course["high_usd"]) if has_interval else (),
    )


def _days(answer: Data) -> Iterator[datetime]:
    first = datetime.strptime(answer["month"], "%Y-%m").replace(tzinfo=UTC)
    return (first + timedelta(days=number) for number in range(len(answer["course"]["spent_usd"])))

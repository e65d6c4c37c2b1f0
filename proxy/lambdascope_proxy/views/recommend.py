"""Shows advice on a function's settings: what to change, what may stay, what cannot be said and why."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from lambdascope_proxy.pictures.picture import Bars, Picture
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import counted, span
from lambdascope_proxy.views.page import Page

Data = Mapping[str, Any]

COLUMNS: Final = ("setting", "now", "set to", "saves a month", "at least", "confidence", "for")
CURRENCIES: Final = {"usd": "$", "cny": "CNY "}
CANNOT: Final = "cannot say"


def show_recommend(answer: Data, page: Page) -> None:
    """Writes the changes with their reasons, what may stay as it is, what cannot be said and what to do next."""
    place = ", ".join(str(answer[name]) for name in ("region", "runtime") if answer[name])
    period = span(answer["period"]["start"], answer["period"]["end"])
    page.heading(f"{answer['function_name']}{f' ({place})' if place else ''}, {period}")
    page.line(answer["summary"])
    changes = [one for one in answer["recommendations"] if one["is_change"]]
    if changes:
        page.heading("Change")
        page.rows(COLUMNS, [_change(one) for one in changes])
        for one in changes:
            page.line(_reason(one))
    _show_others(answer, page)
    if answer["next_step"]:
        page.heading(f"Next: {as_commands(answer['next_step'])}")


def _show_others(answer: Data, page: Page) -> None:
    if kept := [one for one in answer["recommendations"] if not one["is_change"]]:
        page.heading("Leave")
        for one in kept:
            page.line(_stays(one))
    if answer["refusals"]:
        page.heading("Cannot say")
        for one in answer["refusals"]:
            page.line(_cannot(one))


def _reason(one: Data) -> str:
    return f"{one['setting']}: {one['why']}.{_risk(one)}"


def _stays(one: Data) -> str:
    told = f"{one['current']}, {one['suggested']}" if one["suggested"] != "no change" else one["current"]
    return f"{one['setting']} ({told}): {one['why']}.{_hint(one)}"


def _cannot(one: Data) -> str:
    return f"{one['setting']}: {one['missing']}."


def _change(one: Data) -> tuple[object, ...]:
    most, least = (_amount(one, name) for name in ("saves", "saves_least"))
    return one["setting"], one["current"], one["suggested"], most, least, one["confidence"], one["purpose"]


def _hint(one: Data) -> str:
    is_open = one["setting"] == "timeout" and one["current"] == "not known"
    return " --timeout-s has it judged." if is_open else ""


def _risk(one: Data) -> str:
    return f" Risk: {one['risk']}." if one["risk"] else ""


def _amount(one: Data, name: str) -> str:
    """An amount a month as it is billed there: to the cent, and empty where it is not known."""
    for currency, sign in CURRENCIES.items():
        if (amount := one[f"{name}_{currency}_month"]) is not None:
            value = Decimal(amount)
            return f"{'-' if value < 0 else ''}{sign}{abs(value):,.2f}"
    return ""


def recommend_rows(answer: Data) -> list[Mapping[str, object]]:
    """Every setting as a row, with those that cannot be judged below."""
    rows: list[Mapping[str, object]] = [dict(one) for one in answer["recommendations"]]
    names: Sequence[str] = list(rows[0]) if rows else ("setting", "suggested", "why")
    for one in answer["refusals"]:
        refused = {"setting": one["setting"], "is_change": False, "suggested": CANNOT, "why": one["missing"]}
        rows.append({name: refused.get(name) for name in names})
    return rows


def recommend_picture(answer: Data) -> Picture:
    """What each change saves a month as a bar, all settings below, and why each, with what it risks."""
    changes = [one for one in answer["recommendations"] if one["is_change"]]
    known = [one for one in changes if _amount(one, "saves")]
    charts = (_bars(known),) if known else ()
    period = span(answer["period"]["start"], answer["period"]["end"])
    return Picture(
        title=f"Settings of {answer['function_name']}",
        subtitle=f"{period}, {counted(answer['executions'], 'execution')}",
        charts=charts,
        columns=COLUMNS,
        rows=tuple(_change(one) for one in answer["recommendations"]),
        words=(
            *map(_reason, changes),
            *(_stays(one) for one in answer["recommendations"] if not one["is_change"]),
            *(f"{CANNOT}: {_cannot(one)}" for one in answer["refusals"]),
        ),
    )


def _bars(changes: Sequence[Data]) -> Bars:
    currency = "usd" if changes[0]["saves_usd_month"] is not None else "cny"
    return Bars(
        title="Saves a month at most; below zero it costs more",
        unit=currency.upper(),
        labels=tuple(f"{one['setting']}: {one['suggested']}" for one in changes),
        values=tuple(float(one[f"saves_{currency}_month"]) for one in changes),
    )

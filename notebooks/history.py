"""A notebook over a history: what calls cost, how long they took, what failed, and where the month is going.

marimo edit notebooks/history.py -- --history DIRECTORY --now 2026-11-01     (both may be left out)
"""
# ruff: noqa: B018, N803 -- the last expression of a cell is what marimo shows

import marimo

app = marimo.App(width="medium", app_title="lambdascope: a history of calls")


@app.cell
def _():
    from datetime import UTC, datetime

    import marimo as mo
    import matplotlib.pyplot as plt

    import lambdascope_analytics

    return UTC, datetime, lambdascope_analytics, mo, plt


@app.cell
def _(mo):
    mo.md("""
    # A history of calls

    Every table here is a `pandas.DataFrame` from `lambdascope_analytics`, and says of itself what it rests on:
    `frame.attrs["summary"]`. Change a cell, and what depends on it follows.
    """)


@app.cell
def _(mo):
    # Where the history is (by default this user's own), and the moment that "7d" ends at (by default now).
    directory = mo.cli_args().get("history")
    moment = mo.cli_args().get("now")
    return directory, moment


@app.cell
def _(UTC, datetime, directory, lambdascope_analytics, moment):
    until = datetime.fromisoformat(moment).replace(tzinfo=UTC) if moment else None
    history = lambdascope_analytics.open_history(directory, now=until)
    history
    return (history,)


@app.cell
def _(mo):
    time_range = mo.ui.dropdown(["24h", "7d", "30d", "all"], value="7d", label="time range")
    time_range
    return (time_range,)


@app.cell
def _(plt):
    def bars(frame, label, value, title, most=12):
        """Horizontal bars of the largest values; money and missing values as numbers that can be drawn."""
        drawn = frame.assign(**{value: frame[value].astype("float64")}).dropna(subset=[value])
        drawn = drawn.nlargest(most, value)[::-1]
        figure, axes = plt.subplots(figsize=(8, 0.6 + 0.32 * max(len(drawn), 1)), layout="constrained")
        # By place and not by name: two kinds of error may have the same.
        axes.barh(range(len(drawn)), drawn[value], color="#0072b2", tick_label=drawn[label].astype("str").str[:40])
        axes.set_title(title, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def by_day(frame, value, title, unit):
        """A column for each day, with at most a dozen dates below."""
        figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
        places = range(len(frame))
        axes.bar(places, frame[value].astype("float64"), color="#0072b2")
        step = max(1, len(frame) // 12)
        axes.set_xticks(places[::step], frame["group"].dt.strftime("%d %b")[::step])
        axes.set_title(title, loc="left")
        axes.set_ylabel(unit)
        axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    return bars, by_day


@app.cell
def _(history, mo, time_range):
    tools = history.cost("tool", time_range.value)
    mo.md(f"## What calls cost\n\n{tools.attrs['summary']}")
    return (tools,)


@app.cell
def _(bars, mo, tools):
    columns = ["group", "calls", "failures", "cost_usd", "cost_per_call_usd", "share", "unpriced_calls"]
    mo.vstack([bars(tools, "group", "cost_usd", "Cost by tool, dollars"), tools[columns]])


@app.cell
def _(by_day, history, time_range):
    cost_by_day = history.cost("day", time_range.value)
    by_day(cost_by_day, "cost_usd", "Cost by day", "dollars")
    return (cost_by_day,)


@app.cell
def _(history, time_range):
    # Where money went that might be saved. These parts overlap, so they must not be added.
    waste = history.cost(time_range=time_range.value, part="waste")
    waste.filter(like="_cost_usd").T.rename(columns={0: "dollars"})
    return (waste,)


@app.cell
def _(bars, history, mo, time_range):
    latency = history.latency("function", time_range.value)
    shown = ["group", "calls", "p50_ms", "p95_ms", "p99_ms", "cold_share", "cold_adds_ms", "apdex"]
    mo.vstack(
        [
            mo.md(f"## Where the time goes\n\n{latency.attrs['summary']}"),
            bars(latency, "group", "p95_ms", "p95 of the total time by function, ms"),
            latency[shown],
        ]
    )
    return (latency,)


@app.cell
def _(history, plt, time_range):
    bins = history.latency(time_range=time_range.value, part="histogram")

    def histogram(frame):
        """How many calls took how long, on a logarithmic axis."""
        figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
        widths = frame["to_ms"] - frame["from_ms"]
        axes.bar(frame["from_ms"], frame["calls"].astype("float64"), widths, align="edge", color="#0072b2", ec="white")
        if len(frame):
            axes.set_xscale("log")
        axes.set_title("Calls by their total time", loc="left")
        axes.set_xlabel("ms")
        axes.set_ylabel("calls")
        axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    histogram(bins)
    return (bins,)


@app.cell
def _(bars, history, mo, time_range):
    failures = history.errors(time_range=time_range.value)
    kinds = failures["error_type"].fillna(failures["outcome"]) + ": " + failures["message"].fillna("")
    mo.vstack(
        [
            mo.md(f"## What failed\n\n{failures.attrs['summary']}"),
            bars(failures.assign(kind=kinds), "kind", "calls", "Failures by kind"),
            failures[["outcome", "error_type", "message", "calls", "share", "is_new", "first_seen", "last_seen"]],
        ]
    )
    return (failures,)


@app.cell
def _(by_day, history, time_range):
    rates = history.errors("day", time_range.value, part="groups")
    by_day(rates[rates["calls"] > 0], "error_rate", "Error rate by day", "share of calls")
    return (rates,)


@app.cell
def _(history, mo, plt):
    def course(frame):
        """What is spent and expected by the end of each day of the month, with the interval around it."""
        figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
        axes.fill_between(frame["day"], frame["low_usd"], frame["high_usd"], color="#56b4e9", alpha=0.4, label="80 %")
        axes.plot(frame["day"], frame["spent_usd"], color="#0072b2", label="spent")
        axes.plot(frame["day"], frame["expected_usd"], color="#0072b2", linestyle="--", label="expected")
        axes.set_title("Cost of the month by its days", loc="left")
        axes.set_ylabel("dollars")
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(axis="x", rotation=30)
        axes.legend(frameon=False)
        plt.close(figure)
        return figure

    month = history.forecast()
    mo.vstack([mo.md(f"## Where the month is going\n\n{month.attrs['summary']}"), course(month)])
    return (month,)


@app.cell
def _(history, mo):
    # SQL of your own, over the views that docs/history.md describes; $name takes a parameter.
    slowest = history.sql(
        """
        SELECT started_at, function_name, total_ms, duration_ms, init_ms, call_id
        FROM calls
        WHERE target = $target
        ORDER BY total_ms DESC
        LIMIT 10
        """,
        target="lambda",
    )
    mo.vstack([mo.md("## The slowest calls"), slowest])
    return (slowest,)


if __name__ == "__main__":
    app.run()

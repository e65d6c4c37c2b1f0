"""The checks behind `doctor` of the monitoring side: may CloudWatch be asked, and what did asking cost today."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.statements import statement
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.cloudwatch.log_scope import group_of
from lambdascope_proxy.finding import Finding, attempted
from lambdascope_proxy.selection import Function


def examine_looking(places: Places, function: Function) -> Iterator[Finding]:
    """Whether CloudWatch may be asked: for one metric, and about one second of one function's log."""
    yield attempted("permission cloudwatch:GetMetricData", "warn", lambda: _ask_metric(places, function))
    yield attempted("permission logs:StartQuery", "warn", lambda: _start_query(places, function))


def _ask_metric(places: Places, function: Function) -> str:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    stat = {
        "Metric": {
            "Namespace": "AWS/Lambda",
            "MetricName": "Invocations",
            "Dimensions": [{"Name": "FunctionName", "Value": function.name}],
        },
        "Period": 60,
        "Stat": "Sum",
    }
    query = {"Id": "invocations", "MetricStat": stat}
    client = places.reader("cloudwatch", function.place)
    client.get_metric_data(MetricDataQueries=[query], StartTime=now - timedelta(minutes=1), EndTime=now)
    return "allowed"


def _start_query(places: Places, function: Function) -> str:
    client = places.reader("logs", function.place)
    group, now_s = group_of(function), int(datetime.now(UTC).timestamp())
    try:
        started = client.start_query(
            logGroupName=group, startTime=now_s, endTime=now_s, queryString="fields @timestamp", limit=1
        )
    except client.exceptions.ResourceNotFoundException:
        return f"allowed; {group} does not exist yet"
    _stop(client, started["queryId"])
    return f"allowed (on {group})"


def _stop(client: Any, query_id: str) -> None:
    try:
        client.stop_query(queryId=query_id)
    except client.exceptions.InvalidParameterException:
        return  # it had ended already


def examine_spend(directory: Path, now: datetime) -> Finding:
    """What asking CloudWatch has cost since midnight, UTC, by all who record into this history."""
    from lambdascope_analytics.history import open_history

    subject = "monitoring spend today"
    if not directory.is_dir() or not any(directory.iterdir()):
        return Finding(subject=subject, status="ok", detail="nothing: there is no history yet")
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        with open_history(directory) as history:
            rows = history.query(statement("monitoring/spend_of_day"), {"started_after": midnight})
    except HistoryError as error:
        step = "`lambdascope history info` tells more."
        return Finding(subject=subject, status="warn", detail=f"not known: {error}", next_step=step)
    return Finding(subject=subject, status="ok", detail=spend_in_words(rows))


def spend_in_words(rows: list[dict[str, Any]]) -> str:
    """The sum and what it is made of: `$0.0007 for 4 looks (monitor_fleet $0.0004, ...)`."""
    if not rows:
        return "nothing"
    looks, unknown = sum(row["calls"] for row in rows), sum(row["unpriced_calls"] for row in rows)
    whole = sum((row["cost_usd"] for row in rows if row["cost_usd"] is not None), Decimal(0))
    parts = ", ".join(f"{row['tool_name']} {_dollars(row['cost_usd'])}" for row in rows if row["cost_usd"])
    unpriced = f"; {unknown} of unknown price" if unknown else ""
    return f"{_dollars(whole)} for {looks} looks ({parts}){unpriced}"


def _dollars(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"${amount.quantize(Decimal('0.000001')):f}"

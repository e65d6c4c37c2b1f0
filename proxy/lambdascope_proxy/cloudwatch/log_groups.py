"""What a log group is like, and how much of it a question would scan: known before Logs Insights charges for it."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import anyio

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.sending import Sender, Sleep
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.threads import Threads

ACTION: Final = "logs:DescribeLogGroups"
_BYTES_PER_GB: Final = 10**9
# Stored bytes are compressed, scanned ones are not: AWS's pricing calculator stores 15 % of what comes in.
_STORED_SHARE: Final = 0.15
_SHORTEST_LIFE: Final = timedelta(seconds=1)
# What is asked is widened to whole minutes or bins: an advice must leave room for that.
_ROOM: Final = 0.9
_HALVINGS: Final = 40
_WITHOUT_INSIGHTS: Final = {
    "INFREQUENT_ACCESS": "Lambda's fields (@type, @requestId, @duration ...) are discovered in the Standard class only",
    "DELIVERY": "it hands logs on and keeps none that could be queried",
    "ESSENTIALS": "AWS does not say which of its logs can be queried",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroup:
    """A log group as AWS describes it; `retention_days` is None where logs are kept for ever.

    `stored_bytes` lags behind by hours and counts compressed bytes.
    """

    name: str
    stored_bytes: int
    created_at: datetime
    retention_days: int | None
    log_class: str


class LogGroups:
    """Reads log groups and remembers them for `ttl_s`."""

    def __init__(
        self,
        places: Places,
        threads: Threads,
        *,
        ttl_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = anyio.sleep,
    ) -> None:
        self._places = places
        self._threads = threads
        self._ttl_s = ttl_s
        self._asked = Asked(clock)
        self._sleep = sleep

    async def describe(self, place: Place, name: str) -> LogGroup:
        """The group of exactly this name. Raises CallFailed: not_found when there is none yet, and what AWS refuses."""
        group, _ = await self._asked.get((place, name), self._ttl_s, lambda: self._read(place, name))
        return group

    async def _read(self, place: Place, name: str) -> LogGroup:
        sender = Sender(self._places, self._threads, place, sleep=self._sleep)
        # Sorted by name, the group itself comes before all that its name is the beginning of.
        page: Mapping[str, Any] = await sender.send(
            ACTION,
            f"reading log group {name}",
            lambda client: client.describe_log_groups(logGroupNamePrefix=name, limit=1),
        )
        for found in page.get("logGroups", ()):
            if found.get("logGroupName") == name:
                return _as_group(found)
        raise no_such_group([name])


def estimated_scan_bytes(group: LogGroup, window: Window, now: datetime) -> int:
    """About how many bytes a query over the window scans: what is stored, uncompressed, spread evenly over its life.

    A life begins when the group was made, or as far back as it keeps logs. An estimate of orders of magnitude: traffic
    is not even, and logs compress by more or less.
    """
    begins = group.created_at
    if group.retention_days is not None:
        begins = max(begins, now - timedelta(days=group.retention_days))
    asked = min(window.end, now) - max(window.start, begins)
    share = max(asked, timedelta(0)) / max(now - begins, _SHORTEST_LIFE)
    return math.ceil(group.stored_bytes / _STORED_SHARE * share)


def check_scan(groups: Sequence[LogGroup], window: Window, now: datetime, max_gb: float) -> None:
    """Does nothing if Logs Insights can and may scan these groups.

    Raises: CallFailed (refused): a log class that cannot be queried, with the reason; or a scan estimated above
    `max_gb` gigabytes (of 10^9 bytes), with the figure and how to narrow it.
    """
    for group in groups:
        if reason := _WITHOUT_INSIGHTS.get(group.log_class):
            raise CallFailed(
                OutcomeKind.REFUSED,
                "LogClassWithoutInsights",
                f"Log group {group.name} is of class {group.log_class}, which Logs Insights does not serve: {reason}.",
                "Ask for its metrics, or let the function log to a group of the Standard class.",
            )
    estimated_gb = sum(estimated_scan_bytes(group, window, now) for group in groups) / _BYTES_PER_GB
    if estimated_gb > max_gb:
        counted = f"{len(groups)} log groups" if len(groups) > 1 else f"log group {groups[0].name}"
        fitting = _span(_longest_s(groups, window, now, max_gb * _BYTES_PER_GB * _ROOM))
        raise CallFailed(
            OutcomeKind.REFUSED,
            "ScanTooLarge",
            f"The query would scan about {in_gb(estimated_gb)} of {counted}, more than the {in_gb(max_gb)} allowed.",
            f"Ask for {fitting} at most, or for fewer functions; LAMBDASCOPE_MAX_SCAN_GB sets the limit.",
        )


def in_gb(gigabytes: float) -> str:
    """Gigabytes in words, however few: `12.3 GB`, `0.000001 GB`."""
    return f"{float(f'{gigabytes:.3g}'):.9f}".rstrip("0").rstrip(".") + " GB"


def _longest_s(groups: Sequence[LogGroup], window: Window, now: datetime, most_bytes: float) -> float:
    """Seconds before the end of a window that scan so much at most; a window may reach back beyond what is kept."""
    fits_s, exceeds_s = 0.0, window.seconds
    for _ in range(_HALVINGS):
        tried_s = (fits_s + exceeds_s) / 2
        tried = Window(start=window.end - timedelta(seconds=tried_s), end=window.end)
        if sum(estimated_scan_bytes(group, tried, now) for group in groups) <= most_bytes:
            fits_s = tried_s
        else:
            exceeds_s = tried_s
    return round(fits_s, 3)


def no_such_group(names: Sequence[str], words: str = "") -> CallFailed:
    """The failure when a log group does not exist (yet); of several, AWS's `words` say which."""
    told = f"Log group {names[0]} does not exist." if len(names) == 1 else f"A log group does not exist: {words}"
    return CallFailed(
        OutcomeKind.NOT_FOUND,
        "LogGroupNotFound",
        told,
        "The function may never have run, or its role may not write logs (logs:CreateLogGroup, logs:CreateLogStream, "
        "logs:PutLogEvents); its metrics can be read all the same.",
    )


def _as_group(found: Mapping[str, Any]) -> LogGroup:
    return LogGroup(
        name=found["logGroupName"],
        stored_bytes=found.get("storedBytes", 0),
        created_at=datetime.fromtimestamp(found["creationTime"] / 1000, UTC),
        retention_days=found.get("retentionInDays"),
        log_class=found.get("logGroupClass", "STANDARD"),
    )


def _span(seconds: float) -> str:
    """A length of time as a time_range would say it, rounded down."""
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{math.floor(seconds / length)}{unit}"
    return f"{max(1, math.floor(seconds))}s"
